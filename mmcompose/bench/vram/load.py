"""Puts a short load on a running engine: the question of its readiness probe, several at once, for some seconds."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmcompose.deploy.docker.observe import Running
from mmcompose.deploy.ready import keys, probes, reach, talk
from mmcompose.deploy.wanted import Expected

AT_ONCE = 4
_PATIENCE = 120.0


@dataclass
class Pressed:
    """The outcome of a load; the first refusal in the engine's own words."""

    seconds: float = 0.0
    at_once: int = AT_ONCE
    ok: int = 0
    failed: int = 0
    first_error: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, error: str) -> None:
        with self.lock:
            self.ok += not error
            self.failed += bool(error)
            self.first_error = self.first_error or error

    def data(self) -> dict[str, Any]:
        return {
            "seconds": self.seconds,
            "concurrency": self.at_once,
            "ok": self.ok,
            "failed": self.failed,
            "first_error": self.first_error or None,
        }


def press(container: Running, expected: Expected, root: Path, seconds: float) -> Pressed | None:
    """The outcome; None if the engine has no question, or we cannot reach it."""
    address = reach.address(container, expected.listen)
    question = probes.QUESTIONS.get(expected.probe.kind)
    if address is None or question is None or seconds <= 0:
        return None
    try:
        key, path = keys.key(root, expected), expected.probe.path or "/"
    except keys.BadKeyError:
        return None
    model = expected.served_name or ""
    with suppress(talk.NoAnswerError):
        model = model or probes.first_listed(address, expected.probe, _PATIENCE, key)
    body = probes.whole(question.body(model))
    pressed, end = Pressed(seconds), time.monotonic() + seconds

    def ask() -> None:
        while time.monotonic() < end:
            error = _error(address, path, body, key)
            pressed.count(error)
            if error:
                time.sleep(0.2)  # an engine that refuses must not get a thousand requests

    workers = [threading.Thread(target=ask, daemon=True) for _ in range(AT_ONCE)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return pressed


def _error(address: talk.Address, path: str, body: dict[str, Any], key: str | None) -> str:
    try:
        answer = talk.post(address, path, body, _PATIENCE, key)
    except talk.NoAnswerError as nobody:
        return f"{path}: {nobody}"
    return "" if answer.status == 200 else f"{path} answered {answer.status}: {answer.excerpt}"
