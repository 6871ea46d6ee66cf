"""A run that has begun: its names, the facts for its client, and its end on a full disk."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mmcompose.bench.results.record import RESULT
from mmcompose.bench.run import settling
from mmcompose.bench.run.folders import name_of
from mmcompose.bench.run.launch import Ended
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.model.failure import Failure


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the folder of its result, and the token at the end of that folder's name and the container's."""

    folder: Path
    token: str

    @classmethod
    def begun(cls, results: Path, kind: str, subject: str) -> Run:
        token = secrets.token_hex(4)
        return cls(results / kind / name_of(datetime.now(UTC), subject, token), token)

    @property
    def container(self) -> str:
        return f"mmcompose-bench-{self.token}"

    @property
    def inside(self) -> str:
        """The folder's path inside the client's container."""
        return f"/results/{self.folder.parent.name}/{self.folder.name}"

    @property
    def written(self) -> bool:
        return (self.folder / RESULT).is_file()

    def known(self, engine: DockerEngine) -> dict[str, Any]:
        """Facts of the result from its first second, so that a later command can find out whether the run is over."""
        return {"id": self.folder.name, "container": self.container, "docker_id": engine.info().get("ID")}

    def ended(self, ended: Ended) -> int:
        """Writes the end of a client that was cut off; returns the exit code."""
        if self.written:
            settling.ended(self.folder, ended.code, ended.last_lines)
        return ended.code if ended.code in _OF_A_CLIENT else 4


_OF_A_CLIENT = (0, 2, 4, 130)


@contextmanager
def kept_in(folder: Path) -> Iterator[None]:
    """Turns errors of the disk into a failure; the client's own result stays, and no longer has the state
    `running`."""
    try:
        yield
    except OSError as error:
        with suppress(OSError):
            settling.settle(folder, f"the results cannot be written: {error.strerror}", 4)
        if (folder / RESULT).is_file():
            message = f"{folder} cannot be completed: {error.strerror}; the client's own result lies there"
        else:
            message = f"{error.filename or folder} cannot be written: {error.strerror}; nothing was measured"
        raise Failure(message, 4) from error


@contextmanager
def context_file(results: Path, name: str, known: Mapping[str, Any]) -> Iterator[str]:
    """Writes the facts for the client; returns their path inside the container."""
    folder = results / ".context"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(known, ensure_ascii=False, default=str), "utf-8")
    path.chmod(0o644)
    try:
        yield f"/results/.context/{path.name}"
    finally:
        with suppress(OSError):
            path.unlink()
            folder.rmdir()
