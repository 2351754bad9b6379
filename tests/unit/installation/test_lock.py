"""One supervisor per home folder, and a start after a sudden death waits for what was left behind."""

import subprocess
import sys
import threading

import pytest

from tierlink.installation.errors import AlreadyRunningError
from tierlink.installation.lock import occupy


def test_a_second_start_is_refused_and_names_the_first(tmp_path):
    with (
        occupy(tmp_path, lambda _: None),
        pytest.raises(AlreadyRunningError, match=r"already runs in .* \(process \d+\)"),
        occupy(tmp_path, lambda _: None),
    ):
        pass


def test_after_the_end_the_folder_is_free(tmp_path):
    for _ in range(2):
        with occupy(tmp_path, lambda _: None):
            pass


HOLDER = """
import os, subprocess, sys
from pathlib import Path
from tierlink.installation.lock import occupy
with occupy(Path(sys.argv[1]), print) as lock:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=0, pass_fds=(lock,))
    print(child.pid, flush=True)
    os._exit(9)  # like kill -9: nothing is tidied up, the child lives on
"""


def test_a_start_after_a_sudden_death_waits_for_the_children(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout and holder.stdin  # noqa: PT018 narrows the types
    assert int(holder.stdout.readline())
    assert holder.wait(20) == 9
    told = threading.Event()
    pipe = holder.stdin

    def tell(text: str) -> None:
        assert "waiting" in text
        told.set()
        pipe.close()  # the child ends at the end of its input

    with occupy(tmp_path, tell):
        assert told.is_set()
