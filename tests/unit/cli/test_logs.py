"""What the services write to standard error: lines for people, objects for machines, and no password in either."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys

import pytest

from tierlink.cli.json_lines import JsonLines
from tierlink.cli.redaction import Redaction

PASSWORD = 'p"ss/wörd:1'
SERVICE = """
import logging, sys, warnings
from tierlink.cli.logs import log_to_stderr
log_to_stderr("on-time")
log = logging.getLogger("tierlink.streaming.worker")
log.info("partitions %s recovered", [0, 1], extra={"rows": 500_000})
log.warning("two\\nlines, 迟到, \\udce4")
try:
    raise KeyError("a mistake of ours")
except KeyError:
    log.exception("ending")
logging.getLogger("aiokafka").info("not this")
warnings.warn("old fashioned")
raise RuntimeError("nobody caught this at postgresql://tierlink:geheim1@host/db")
"""


def run(**environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SERVICE],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    return done.stderr.decode().splitlines()


def test_json_is_one_object_per_line_to_the_last_word():
    lines = run(TIERLINK_LOG_FORMAT="json", TIERLINK_INSTANCE="b")
    said = [json.loads(line) for line in lines]

    for one in said:
        assert list(one)[:4] == ["time", "level", "logger", "message"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["time"])
        assert (one["service"], one["instance"]) == ("on-time", "b")
    first, second, third, fourth, last = said
    assert first["message"] == "partitions [0, 1] recovered"
    assert (first["level"], first["rows"]) == ("INFO", 500_000)
    assert first["logger"] == "tierlink.streaming.worker"
    assert "exception" not in first
    assert second["message"].startswith("two\nlines, 迟到")
    assert "迟到" in lines[1]
    assert third["exception"].startswith("Traceback")
    assert "a mistake of ours" in third["exception"]
    assert "old fashioned" in fourth["message"]
    assert last["level"] == "CRITICAL"
    assert "nobody caught this" in last["exception"]
    assert "geheim1" not in lines[-1]


def test_text_is_as_it_always_was():
    lines = run()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO tierlink\.streaming\.worker: "
        r"partitions \[0, 1\] recovered",
        lines[0],
    )
    assert not any(line.startswith("{") for line in lines)


def test_a_format_that_is_none_is_refused_by_name():
    done = subprocess.run(
        [sys.executable, "-m", "tierlink.cli.main", "project"],
        env={**os.environ, "TIERLINK_LOG_FORMAT": "xml"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 78
    assert "TIERLINK_LOG_FORMAT" in done.stderr


def test_a_service_that_cannot_start_says_so_in_json_too(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tierlink.cli.main", "connector", "run", "erp"],
        env={**os.environ, "TIERLINK_LOG_FORMAT": "json", "TIERLINK_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 78
    (said,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert said["level"] == "ERROR"
    assert said["service"] == "connector-erp"
    assert "tierlink.yaml" in said["message"]


def entry(message, *arguments, **extra):
    made = logging.LogRecord("x", logging.INFO, __file__, 1, message, arguments, None)
    made.__dict__.update(extra)
    return made


@pytest.fixture
def redaction():
    return Redaction(
        {
            "PGPASSWORD": PASSWORD,
            "TIERLINK_DATABASE_URL": "postgresql+psycopg://tierlink:sp%2Fecial@host/db",
            "TIERLINK_HOME": "tierlink-data",
            "SHORT_TOKEN": "abc",
            "OTHER_URL": "amqp://me:un/en@coded@host/x",
        }
    )


@pytest.mark.parametrize("secret", [PASSWORD, "sp%2Fecial", "sp/ecial", "un/en@coded"])
def test_passwords_of_the_environment_are_hidden_wherever_they_stand(redaction, secret):
    lines = JsonLines("projector", "0", redaction)
    for record in (
        entry(f"no connection with {secret}"),
        entry("no connection with %r", secret),
        entry("no connection", detail=secret),
        entry("no connection", detail={"inner": [secret]}),
    ):
        written = lines.format(record)
        assert "***" in written
        assert secret not in json.dumps(json.loads(written), ensure_ascii=False)
        assert json.dumps(secret)[1:-1] not in written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://user:a@host/db is away", "postgresql://user:***@host/db is away"),
        ("http://user:p:x@host and http://b:c@d", "http://user:***@host and http://b:***@d"),
        ("http://host:8080/a@b", "http://host:8080/a@b"),
        ("kafka://127.0.0.1:9092", "kafka://127.0.0.1:9092"),
        ("tierlink-data and abc stay", "tierlink-data and abc stay"),
    ],
)
def test_passwords_in_addresses_are_hidden_and_nothing_else(redaction, text, shown):
    assert redaction.hide(text) == shown


@pytest.mark.parametrize("name", ["password", "db_password", "api_key", "TOKEN", "client_secret"])
def test_what_has_a_secrets_name_is_not_written(redaction, name):
    written = json.loads(JsonLines("api", "0", redaction).format(entry("x", **{name: "value-1"})))
    assert written[name] == "***"


def test_whatever_is_passed_as_extra_can_be_written(redaction, tmp_path):
    given = {"folder": tmp_path, "raw": b"\xff", "many": {1, 2}, "odd": object()}
    written = json.loads(JsonLines("api", "0", redaction).format(entry("x", **given)))
    assert written["folder"] == str(tmp_path)
    assert {"raw", "many", "odd"} <= written.keys()


def test_a_caller_cannot_pass_for_another_service(redaction):
    written = json.loads(
        JsonLines("api", "0", redaction).format(entry("x", service="kafka", time="never"))
    )
    assert written["service"] == "api"
    assert written["time"].endswith("Z")
