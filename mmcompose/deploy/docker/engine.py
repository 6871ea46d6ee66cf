"""The protocol through which this room uses Docker, and its errors. `client.py` implements it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol


class EngineError(Exception):
    """A refusal by Docker. `message` is everything that it printed."""

    def __init__(self, message: str, code: int = 1, out: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.out = message, code, out

    @property
    def last_line(self) -> str:
        lines = [line for line in self.message.splitlines() if line.strip()]
        return lines[-1][:200] if lines else "Docker gave no reason"

    @property
    def only_gone(self) -> bool:
        """Whether it complains only about containers that no longer exist."""
        lines = [line.lower() for line in self.message.splitlines() if line.strip()]
        return bool(lines) and all("no such container" in line or "no such object" in line for line in lines)


class NameTakenError(EngineError):
    """A container of that name exists already."""


class Files(NamedTuple):
    """The files of one profile, in the project that all profiles share."""

    project: str
    profile: str
    folder: Path
    paths: tuple[Path, ...]


class End(NamedTuple):
    """The end of a container: its exit code, and whether the kernel killed one of its processes for lack of memory."""

    code: int | None
    killed: bool


class DockerEngine(Protocol):
    """Everything that this room needs from Docker."""

    def containers(self, labels: Mapping[str, str | None]) -> list[dict[str, Any]]: ...
    def inspect(self, ids: Sequence[str]) -> list[dict[str, Any]]: ...
    def image(self, reference: str) -> dict[str, Any] | None: ...
    def pull(self, reference: str) -> Iterator[str]: ...
    def build(self, files: Files) -> Iterator[str]: ...
    def up(self, files: Files, patience: float) -> Iterator[str]: ...
    def hashes(self, files: Files) -> dict[str, str]: ...
    def start(self, ids: Sequence[str]) -> None: ...
    def stop(self, ids: Sequence[str]) -> None: ...
    def remove(self, ids: Sequence[str]) -> None: ...
    def reserve(self, name: str, image: str, labels: Mapping[str, str]) -> str: ...
    def networks(self, labels: Mapping[str, str | None]) -> list[str]: ...
    def remove_network(self, name: str) -> None: ...
    def processes(self, container: str) -> list[int]: ...
    def logs(
        self, container: str, *, tail: int | None = None, follow: bool = False, since: str = "", stamped: bool = False
    ) -> Iterator[str]: ...
    def lives(self, container: str, since: str) -> list[dict[str, Any]]: ...
    def last_end(self, container: str) -> End: ...
    def version(self) -> dict[str, str]: ...
    def info(self) -> dict[str, Any]: ...
    def docker_command(self, *arguments: str) -> list[str]: ...
    def compose_command(self, files: Files, *arguments: str) -> list[str]: ...
