"""Docker's own program, run with patience: what hangs is told, and what nobody listens to any more is ended."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Sequence

from mmcompose.deploy.late import after

_PARTING = 10.0
"""Seconds that a program has to end in peace, so that Compose can finish what it is at."""


class ProgramError(Exception):
    """It failed, was not there, or did not answer. `words` is its complaint, `out` what it printed beside."""

    def __init__(self, words: str, code: int = 1, out: str = "") -> None:
        super().__init__(words)
        self.words, self.code, self.out = words, code, out


def run(command: Sequence[str], patience: float) -> str:
    """Its standard output."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired as late:
        raise ProgramError(f"{_name(command)} gave no answer in {patience:.0f} s", 124) from late
    except (OSError, ValueError) as error:
        raise ProgramError(f"{_name(command)}: {_told(error)}", 127) from error
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    if done.returncode:
        words = err.strip() or out.strip() or f"{_name(command)} ended with {done.returncode}"
        raise ProgramError(words, done.returncode, out)
    return out.removesuffix("\n")


def stream(command: Sequence[str], patience: float | None = None) -> Iterator[str]:
    """Its lines as they come, of both streams. Whoever stops listening ends the program too, and so does `patience`."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except (OSError, ValueError) as error:
        raise ProgramError(f"{_name(command)}: {_told(error)}", 127) from error
    said: list[str] = []
    with process, after(patience, process.terminate) as late:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                said = [*said[-200:], line.decode("utf-8", "replace").rstrip("\r\n")]
                yield said[-1]
            code = process.wait()
        except BaseException:
            _end(process)
            raise
    if late.is_set():
        raise ProgramError("\n".join([*said, f"{_name(command)} gave no answer in {patience:.0f} s"]), 124)
    if code:
        raise ProgramError("\n".join(said) or f"{_name(command)} ended with {code}", code)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        # Its last words are read, or it could wait for ever for somebody to take them.
        process.communicate(timeout=_PARTING)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
    with contextlib.suppress(OSError, ValueError):
        process.communicate()


def _name(command: Sequence[str]) -> str:
    """The program and what it was asked, without the options that may be as long as a path."""
    words = [word for word in command[1:] if not word.startswith(("-", "/"))]
    return " ".join([command[0].replace("\\", "/").rpartition("/")[2], *words[:2]])


def _told(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
