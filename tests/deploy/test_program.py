"""Docker's own program is run with patience, and ended when nobody listens."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.docker import program
from mmcompose.deploy.docker.program import EngineError

if TYPE_CHECKING:
    from pathlib import Path


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_it_gives_what_the_program_says_whatever_the_bytes() -> None:
    assert program.run(python(r"import sys; sys.stdout.buffer.write(b'a\xffb\n')"), 60) == "a�b"


@pytest.mark.parametrize(
    ("command", "arguments", "code"),
    [
        (python("import sys; print('half'); sys.exit('no such thing')"), "no such thing\nhalf", 1),
        (python("raise SystemExit(7)"), " ended with 7", 7),
        (["/nowhere/docker", "container", "ls"], "docker container ls: No such file or directory", 127),
        (["/etc"], "etc: Permission denied", 127),
        ([sys.executable, "a\0b"], "embedded null byte", 127),
    ],
)
def test_its_failure_is_reported_in_its_own_text(command: list[str], arguments: str, code: int) -> None:
    for fails in (lambda: program.run(command, 60), lambda: list(program.stream(command))):
        with pytest.raises(EngineError) as failed:
            fails()
        assert failed.value.code == code
        assert all(line in failed.value.message + failed.value.out for line in arguments.splitlines())


def test_one_that_hangs_while_it_speaks_is_ended_too() -> None:
    """What it said on the way is kept."""
    with pytest.raises(EngineError, match=r"hello\n.* gave no answer in 2 s") as failed:
        list(program.stream(["sh", "-c", "echo hello; exec sleep 600"], 2.0))
    assert failed.value.code == 124


def test_one_that_hangs_is_not_waited_for_for_ever() -> None:
    with pytest.raises(EngineError, match=r"gave no answer in 0 s"):
        program.run(python("import time; time.sleep(60)"), 0.2)


def test_a_stream_is_ended_when_nobody_listens_any_more(tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    lines = program.stream(
        python(
            "import time\nprint('begun', flush=True)\n"
            f"while True: open({str(beat)!r}, 'a').write('.'); time.sleep(0.02)"
        )
    )
    assert next(lines) == "begun"
    lines.close()  # type: ignore[attr-defined]
    beats = beat.stat().st_size if beat.exists() else 0
    time.sleep(0.2)
    assert (beat.stat().st_size if beat.exists() else 0) == beats
