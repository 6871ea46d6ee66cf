"""Holds at most one model at a time, in a process of its own: nothing of the last one can remain for the next."""

from __future__ import annotations

import contextlib
import json
import logging
import select
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .entries import Entry

log = logging.getLogger(__name__)

WORKER = (sys.executable, "-m", "zoo_service.worker")
_TO_END = 10.0


class Occupied(Exception):  # noqa: N818  # no fault of the service
    """Reports that another model is held, or that the steps come in the wrong order."""


class Cage:
    """`start`, `load`, `stop`, in this order; each answers when it is done."""

    def __init__(self, timeout: float, worker: Sequence[str] = WORKER) -> None:
        self._timeout, self._worker = timeout, tuple(worker)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self.holds = ""
        self.state = "empty"

    def start(self, entry: Entry) -> dict[str, Any]:
        """Starts a fresh process with the libraries imported and the device ready, and no model yet."""
        with self._turn():
            if self.holds:
                raise Occupied(f"{self.holds} is held; stop it first")
            self._process = subprocess.Popen(
                self._worker, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
            self.holds = entry.name
            return self._tell(json.dumps(entry.data()))

    def load(self, name: str) -> dict[str, Any]:
        with self._turn():
            if (self.holds, self.state) != (name, "ready"):
                raise Occupied(f"{name} is not ready to be loaded; start it first")
            return self._tell("load")

    def stop(self, name: str) -> dict[str, Any]:
        """Ends the process in any state; returns when it is gone."""
        with self._turn():
            if self.holds != name:
                raise Occupied(f"{name} is not held; {self.holds or 'nothing'} is")
            began = time.monotonic()
            code = self._end()
            return {"state": "stopped", "stop_s": time.monotonic() - began, "exit_code": code}

    def close(self) -> None:
        """Ends the process at the end of the service, even in the middle of another step."""
        self._end()

    @contextlib.contextmanager
    def _turn(self) -> Any:
        if not self._lock.acquire(blocking=False):
            raise Occupied(f"{self.holds or 'a model'} is being started, loaded or stopped")
        try:
            yield
        finally:
            self._lock.release()

    def _tell(self, order: str) -> dict[str, Any]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        self.state = "busy"
        try:
            process.stdin.write(order + "\n")
            process.stdin.flush()
        except OSError:
            answer = {"state": "failed", "error": self._death(process)}
        else:
            answer = self._answer(process)
        self.state = answer["state"]
        log.info("%s: %s", self.holds, answer.get("error") or answer["state"])
        if self.state == "failed":
            self._end()
        return answer

    def _answer(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], self._timeout)
        if not readable:
            return {"state": "failed", "error": f"nothing came of it in {self._timeout:g} s"}
        line = process.stdout.readline()
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:
            return {"state": "failed", "error": self._death(process)}
        return answer

    @staticmethod
    def _death(process: subprocess.Popen[str]) -> str:
        try:
            code = process.wait(_TO_END)
        except subprocess.TimeoutExpired:
            return "its process answered nothing that can be read; the service's log has what it printed"
        if code >= 0:
            return f"its process ended with exit code {code}; the service's log has its last lines"
        name = signal.Signals(-code).name
        hint = "; the machine or the container ran out of memory" if name == "SIGKILL" else ""
        return f"its process was ended by {name}{hint}"

    def _end(self) -> int | None:
        process, self._process = self._process, None
        idle = self.state in ("ready", "loaded")
        self.holds, self.state = "", "empty"
        if process is None:
            return None
        with process:
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
            try:
                # In the middle of a load it does not listen.
                process.wait(_TO_END if idle else 0)
            except subprocess.TimeoutExpired:
                process.kill()
        return process.returncode
