"""Runs a short program whose failure is a valid answer."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reply:
    """The result of a program. `code` is None if it could not run, or gave no answer in time."""

    code: int | None
    out: str = ""
    err: str = ""

    @property
    def fine(self) -> bool:
        return self.code == 0

    @property
    def complaint(self) -> str:
        """The complaint in one line: the last line of an error says most."""
        for text in (self.err, self.out):
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            if lines:
                return lines[-1]
        return "" if self.code is None else f"exit code {self.code}"


_RUNNING: set[subprocess.Popen[bytes]] = set()


def ask(*command: str, cwd: Path | None = None, patience: float = 30, given: str = "") -> Reply:
    """Runs a command; `given` is its standard input."""
    try:
        process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except FileNotFoundError:
        return Reply(None, err=f"{command[0]}: no such program")
    except (OSError, ValueError) as error:
        # A null byte can stand in no argument.
        return Reply(None, err=f"{command[0]}: {getattr(error, 'strerror', None) or error}")
    _RUNNING.add(process)
    with process:
        try:
            out, err = process.communicate(given.encode(), timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            return Reply(None, err=f"{command[0]} gave no answer in {patience:.0f} s")
        except BaseException:
            process.kill()
            raise
        finally:
            _RUNNING.discard(process)
    return Reply(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def stop_asking() -> None:
    """Ends the programs for which other threads wait, after an interruption."""
    for process in tuple(_RUNNING):
        process.kill()
