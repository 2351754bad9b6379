"""The commands that need no broker, through the real command line: output and exit codes."""

import json
import sys
from importlib.resources import files

import pytest

from tierlink.cli import main as command_line
from tierlink.demo.sample_files import BUYER, ZONE, copy_samples
from tierlink.installation.configuration import write_first_configuration


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in ("KAFKA", "CONFIG", "DATABASE_URL", "BROKER_PORT"):
        monkeypatch.delenv(f"TIERLINK_{name}", raising=False)
    monkeypatch.setenv("TIERLINK_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def tierlink(home, monkeypatch, capsys):
    """Run one command line; gives exit code, output, errors."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tierlink", *arguments])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        shown = capsys.readouterr()
        return ended.value.code or 0, shown.out, shown.err

    return run


@pytest.fixture
def samples(home):
    write_first_configuration(home / "tierlink.yaml", BUYER, ZONE)
    return copy_samples(home / "inbox")


def test_samples_are_copied_once_and_a_users_change_stays(home, samples):
    ledger = home / "inbox" / "erp" / "purchase_orders.csv"
    ledger.write_text("mine")
    assert copy_samples(home / "inbox") == samples
    assert ledger.read_text() == "mine"
    assert len(samples) == 6
    for feed, name in samples:
        folder = {"ledgers": "suppliers"}.get(feed, feed)
        assert (home / "inbox" / folder / name).is_file()


def test_samples_are_the_files_of_the_package(home, samples):
    source = files("tierlink.demo") / "samples" / "carrier" / "status.csv"
    assert (home / "inbox" / "carrier" / "status.csv").read_bytes() == source.read_bytes()


def test_check_names_every_feed(tierlink, samples):
    code, out, _ = tierlink("connector", "check")
    assert code == 0
    for kind in ("excel-ledger", "erp-export", "carrier-status"):
        assert kind in out


def test_check_says_what_is_wrong(tierlink, home):
    (home / "tierlink.yaml").write_text("buyer: ACME\nfeeds: [{name: x, kind: fax, folder: in}]")
    code, _, err = tierlink("connector", "check")
    assert code == 78
    assert "allowed are carrier-status, erp-export, excel-ledger" in err


def test_preview_shows_columns_statements_and_refusals(tierlink, home, samples):
    ledger = next((home / "inbox" / "suppliers" / "100377").glob("*.xlsx"))
    code, out, _ = tierlink("connector", "preview", str(ledger))
    assert code == 0
    for shown in ("Bestätigter Termin", "purchaseorder.line.promised", "supplier 100377"):
        assert shown in out
    assert "31.06.2026" in out
    assert "rows: 85 seen" in out
    assert not (home / "intake").exists()


def test_preview_of_a_file_elsewhere_wants_a_feed(tierlink, home, samples, tmp_path_factory):
    file = tmp_path_factory.mktemp("elsewhere") / "po.csv"
    file.write_bytes((home / "inbox" / "erp" / "purchase_orders.csv").read_bytes())
    code, _, err = tierlink("connector", "preview", str(file))
    assert code == 78
    assert "--feed" in err
    code, out, _ = tierlink("connector", "preview", str(file), "--feed", "erp")
    assert code == 0
    assert "purchaseorder.line.placed" in out


def test_preview_of_rubbish_says_so_and_fails(tierlink, home, samples):
    rubbish = home / "inbox" / "suppliers" / "100377" / "broken.xlsx"
    rubbish.write_bytes(b"no workbook at all")
    code, _, err = tierlink("connector", "preview", str(rubbish))
    assert code == 1
    assert "broken.xlsx" in err
    rubbish.write_bytes(b"PK\x03\x04 the first half of one")
    code, _, err = tierlink("connector", "preview", str(rubbish))
    assert code == 75
    assert err


def test_kpi_show_without_a_read_model_says_what_to_do(tierlink):
    code, _, err = tierlink("kpi", "show")
    assert code == 78
    assert "TIERLINK_HOME" in err


def test_doctor_on_a_fresh_machine_says_what_is_missing(tierlink, monkeypatch):
    monkeypatch.setenv("TIERLINK_KAFKA", "127.0.0.1:1")
    code, out, _ = tierlink("doctor")
    assert code == 1
    for part in ("home", "configuration", "Kafka", "read model"):
        assert part in out
    assert "TIERLINK_KAFKA" in out


def test_an_unknown_worker_names_those_there_are(tierlink):
    code, _, err = tierlink("worker", "risk")
    assert code == 2
    assert "on-time, turnover" in err


def test_a_wrong_setting_is_named_and_its_value_is_not_shown(tierlink, monkeypatch):
    monkeypatch.setenv("TIERLINK_PARTITIONS", "secret-word")
    code, _, err = tierlink("connector", "check")
    assert code == 78
    assert "TIERLINK_PARTITIONS" in err
    assert "secret-word" not in err


def test_json_is_json(tierlink, home):
    from datetime import UTC, datetime

    from tierlink.store.database import open_writer, prepare

    engine = open_writer(f"sqlite:///{home / 'read-model.db'}")
    prepare(engine, datetime(2026, 11, 25, tzinfo=UTC))
    engine.dispose()
    code, out, _ = tierlink("kpi", "show", "--json")
    assert code == 0
    assert json.loads(out) == []
    assert "drop a file" in tierlink("kpi", "show")[1]
