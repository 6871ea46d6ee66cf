"""Running programs: output kept, failure told in the program's own last lines."""

from __future__ import annotations

import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

TAIL = 15


class BedError(Exception):
    """The bed cannot be set up: what failed, and what the program said."""


class NotHereError(BedError):
    """What is wanted is not on this machine, and the bed may not bring it: a reason to skip, not a fault."""


class PipeError(BedError):
    """One end of a pipe failed; ``said`` is what the other had to say."""

    def __init__(self, message: str, printed: str) -> None:
        super().__init__(message)
        self.printed = printed


def run(
    *command: str | Path,
    timeout: float = 600,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """Standard output of a program that must succeed."""
    argv = [str(part) for part in command]
    try:
        done = subprocess.run(
            argv, input=stdin, text=True, capture_output=True, timeout=timeout, env=env, cwd=cwd, check=False
        )
    except FileNotFoundError as missing:
        raise BedError(f"{argv[0]} is not installed") from missing
    except subprocess.TimeoutExpired as slow:
        raise BedError(f"{' '.join(argv)}: no end after {timeout:.0f} s") from slow
    if done.returncode:
        raise BedError(f"{' '.join(argv)}: exit {done.returncode}\n{tail(done.stderr or done.stdout)}")
    return done.stdout


def succeeds(*command: str | Path, timeout: float = 60) -> bool:
    try:
        run(*command, timeout=timeout)
    except BedError:
        return False
    return True


def pipe(producer: Sequence[str | Path], consumer: Sequence[str | Path], log: Path, timeout: float = 600) -> str:
    """What the consumer says in ``producer | consumer``, where the failure of either is a failure."""
    first, second = [str(part) for part in producer], [str(part) for part in consumer]
    with (
        log.open("w") as complaints,
        subprocess.Popen(first, stdout=subprocess.PIPE, stderr=complaints) as source,
        subprocess.Popen(second, stdin=source.stdout, stdout=subprocess.PIPE, stderr=complaints, text=True) as sink,
    ):
        if source.stdout:
            source.stdout.close()
        try:
            printed, _ = sink.communicate(timeout=timeout)
            source.wait(timeout)
        except BaseException:
            source.kill()
            sink.kill()
            raise
    if source.returncode or sink.returncode:
        codes = f"exit {source.returncode} and {sink.returncode}"
        message = f"{' '.join(first)} | {' '.join(second)}: {codes}\n{tail(log.read_text())}"
        raise PipeError(message, printed.strip())
    return printed.strip()


def tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-TAIL:])


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what was done and how long it took."""
    begun = time.monotonic()
    yield
    print(f"{time.monotonic() - begun:6.1f} s  {what}", flush=True)
