"""A run on a real pseudo-terminal: the line that is written over is gone when the table is printed."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.bench.making import run
from tests.making import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
from contextlib import nullcontext
from pathlib import Path
from mmcompose.bench.run.launch import OutputLine
from mmcompose.bench.run.measuring import Finished
from mmcompose.bench.results.record import read
from mmcompose.bench.session import at_address
from mmcompose.cli.bench import running
from mmcompose.cli.main import main

def measure(engine, visit, tell):
    tell(OutputLine("", {"point": "c=8", "eta_s": 0.0}))
    return Finished("load", 0, read(Path(sys.argv[2])), ())

at_address.measure = measure
running.docker = lambda *_: nullcontext()
main(["-C", sys.argv[1], "bench", "run", "--against", "http://127.0.0.1:9", "sanity"])
"""


def on_a_terminal(*command: str) -> str:
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        printed = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:  # Linux's end of a terminal
                break
            if not more:
                break
            printed += more
    os.close(ours)
    assert process.returncode == 0, printed.decode()
    return printed.decode()


def test_the_table_does_not_begin_on_the_line_of_the_progress(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "mmcompose.yaml").write_text("name: mm\nbind: 127.0.0.1\nports: 8100-8199\nhost: gpu-12gb\n")
    record = run(tmp_path / "benchmarks/results/load/a")
    printed = on_a_terminal(sys.executable, "-c", PROGRAM, str(tmp_path), str(record.folder))
    before, shown, after = printed.partition("0 s left")
    assert shown, before
    assert after.startswith("\r\x1b[KPOINT "), repr(after[:60])
