"""Talks to Docker: the only file that imports python-on-whales.

Answers are plain data (the output of `docker inspect`); a refusal is an `EngineError` with Docker's own text.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmcompose.deploy.docker import noted_engine, program
from mmcompose.deploy.docker.program import EngineError
from mmcompose.deploy.docker.pulse import Pulse

__all__ = ["DockerEngine", "End", "EngineError", "Files", "NameTakenError"]

_OURS = {
    # A hidden switch of the user's shell must not make Compose remove the other profiles of the project.
    "COMPOSE_REMOVE_ORPHANS": "false",
    "COMPOSE_IGNORE_ORPHANS": "true",
    "COMPOSE_ANSI": "never",
}

_PROMPT, _SLOW = 60.0, 900.0
"""Seconds for questions, and for work that lasts as long as a container's grace period or a large model's files."""

_WORRY, _EASY, _BRIEF = 6.0, 4.0, 2.0
"""After the first, an open question makes us ask whether Docker answers at all. Docker has the second for that
answer, or the third if a person interrupted the question and should not wait."""


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


class DockerEngine:
    """The engine that `docker` reaches: its context, DOCKER_HOST, or where neither is there the one that was noted."""

    def __init__(self) -> None:
        from python_on_whales import DockerClient

        os.environ.update(_OURS)
        noted_engine.use()
        self._client = DockerClient(client_type="docker")
        self._pulse = Pulse(self._alive)
        self._watch = program.LivenessWatch(lambda: self._pulse.beats(_EASY), self._pulse.doubt, _WORRY)

    def containers(self, labels: Mapping[str, str | None]) -> list[dict[str, Any]]:
        """All containers with these labels, running or not; None stands for any value."""
        return self.inspect(self._run("container", "ls", "--all", "--quiet", "--no-trunc", *_filters(labels)).split())

    def inspect(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """The containers that exist: one that removes itself may disappear between two questions."""
        if not ids:
            return []
        found: list[dict[str, Any]] = json.loads(self._unless_gone("container", "inspect", *ids) or "[]")
        return found

    def image(self, reference: str) -> dict[str, Any] | None:
        try:
            found: list[dict[str, Any]] = json.loads(self._run("image", "inspect", reference))
        except EngineError as error:
            if "no such image" in error.message.lower():
                return None
            raise
        return found[0] if found else None

    def pull(self, reference: str) -> Iterator[str]:
        yield from program.stream([*self._docker(), "image", "pull", reference])

    def build(self, files: Files) -> Iterator[str]:
        yield from program.stream([*self._compose(files), "build", "--progress", "plain"])

    def up(self, files: Files, patience: float) -> Iterator[str]:
        """Creates and starts containers. Pulls nothing: a missing image is a fault, not a long download."""
        yield from program.stream([*self._compose(files), "up", "--detach", "--no-build", "--pull", "never"], patience)

    def hashes(self, files: Files) -> dict[str, str]:
        """Service → the hash that Compose gives to a container made from these files."""
        lines = self._ran([*self._compose(files), "config", "--hash", "*"]).splitlines()
        return dict(line.split(" ", 1) for line in lines if " " in line)

    def start(self, ids: Sequence[str]) -> None:
        if ids:
            self._run("container", "start", *ids, patience=_SLOW)

    def stop(self, ids: Sequence[str]) -> None:
        """Stops containers, each with the grace period that it was made with; one that is gone counts as stopped."""
        if ids:
            self._unless_gone("container", "stop", *ids, patience=_SLOW)

    def remove(self, ids: Sequence[str]) -> None:
        """Removes containers; one that is gone already counts as removed."""
        for name in ids:
            self._unless_gone("container", "rm", "--force", "--volumes", name, patience=_SLOW)

    def reserve(self, name: str, image: str, labels: Mapping[str, str]) -> str:
        """Creates a container that never starts. Docker gives a name to one caller only."""
        marks = [part for item in labels.items() for part in ("--label", "=".join(item))]
        options = ["--name", name, "--network", "none", "--pull", "never", "--entrypoint", "never-started", *marks]
        try:
            return self._run("container", "create", *options, image).split()[-1]
        except EngineError as error:
            if "is already in use" in error.message:
                raise NameTakenError(error.message, error.code) from error
            raise

    def volumes(self) -> list[str]:
        return self._run("volume", "ls", "--quiet").splitlines()

    def networks(self, labels: Mapping[str, str | None]) -> list[str]:
        return self._run("network", "ls", "--format", "{{.Name}}", *_filters(labels)).splitlines()

    def remove_network(self, name: str) -> None:
        self._run("network", "rm", name)

    def processes(self, container: str) -> list[int]:
        """The process ids in the numbering of Docker's machine."""
        lines = self._run("container", "top", container, "-eo", "pid").splitlines()[1:]
        return [int(line) for line in lines if line.strip().isdigit()]

    def logs(
        self, container: str, *, tail: int | None = None, follow: bool = False, since: str = "", stamped: bool = False
    ) -> Iterator[str]:
        """`stamped`: each line begins with its moment and a blank."""
        options = [*(["--tail", str(tail)] if tail is not None else []), *(["--follow"] if follow else [])]
        options += [*(["--since", since] if since else []), *(["--timestamps"] if stamped else [])]
        yield from program.stream([*self._docker(), "container", "logs", *options, container])

    def lives(self, container: str, since: str) -> list[dict[str, Any]]:
        """Each start and end of a container that Docker remembers."""
        which = ("--filter", f"container={container}", "--filter", "event=start", "--filter", "event=die")
        answer = self._run("events", "--since", since, "--until", _now(), *which, "--format", "{{json .}}")
        return [json.loads(line) for line in answer.splitlines()]

    def signals(self, container: str, since: str) -> list[str]:
        """The signals that Docker was asked to send to a container, by number; to stop one sends the first of them."""
        which = ("--filter", f"container={container}", "--filter", "event=kill")
        shown = ("--format", "{{.Actor.Attributes.signal}}")
        return self._run("events", "--since", since, "--until", _now(), *which, *shown).split()

    def last_end(self, container: str) -> End:
        """The last end of a container, even while it runs again; Docker remembers about an hour."""
        which = ("--filter", f"container={container}", "--filter", "event=die", "--filter", "event=oom")
        shown = ("--format", "{{.Action}} {{.Actor.Attributes.exitCode}}")
        answer = self._run("events", "--since", "1h", "--until", _now(), *which, *shown)
        events = [line.split() for line in answer.splitlines() if line]
        codes = [int(event[1]) for event in events if event[0] == "die" and event[1:] and event[1].isdigit()]
        return End(codes[-1] if codes else None, any(event[0] == "oom" for event in events))

    def version(self) -> dict[str, str]:
        """The releases of the engine, the client and Compose."""
        both = json.loads(self._run("version", "--format", "{{json .}}"))
        compose = self._run("compose", "version", "--short")
        return {"engine": both["Server"]["Version"], "client": both["Client"]["Version"], "compose": compose}

    def info(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._run("system", "info", "--format", "{{json .}}"))
        return found

    def docker_command(self, *arguments: str) -> list[str]:
        """A command line for programs in the foreground that print while they run, such as benchmarks."""
        return [*self._docker(), *arguments]

    def compose_command(self, files: Files, *arguments: str) -> list[str]:
        return [*self._compose(files), *arguments]

    def _docker(self) -> list[str]:
        from python_on_whales import ClientNotFoundError

        try:
            return [str(part) for part in self._client.client_config.docker_cmd]
        except ClientNotFoundError as missing:
            raise EngineError("docker: no such program: Docker is not installed, or not on PATH", 127) from missing

    def _compose(self, files: Files) -> list[str]:
        from python_on_whales import DockerClient

        self._docker()  # says so when there is none
        client = DockerClient(
            client_type="docker",
            compose_files=list(files.paths),
            compose_profiles=[files.profile],
            compose_project_name=files.project,
            compose_project_directory=files.folder,
        )
        return [str(part) for part in client.client_config.docker_compose_cmd]

    def _run(self, *arguments: str, patience: float = _PROMPT) -> str:
        return self._ran([*self._docker(), *arguments], patience)

    def _unless_gone(self, *arguments: str, patience: float = _PROMPT) -> str:
        """The same; containers that are gone already, or just going, are no failure."""
        try:
            return self._run(*arguments, patience=patience)
        except EngineError as error:
            if not error.only_gone and "already in progress" not in error.message.lower():
                raise
            return error.out

    def _alive(self, patience: float) -> bool:
        """Whether Docker answers; a refusal is an answer too."""
        try:
            program.run([*self._docker(), "version", "--format", "{{.Server.Version}}"], patience)
        except EngineError as error:
            return error.code != program.LATE
        return True

    def _ran(self, command: list[str], patience: float = _PROMPT) -> str:
        if self._pulse.gone(_BRIEF):
            raise EngineError(f"docker version gave no answer in {_BRIEF:.0f} s", program.LATE)
        return program.run(command, patience, self._watch)


def _now() -> str:
    """The end of what Docker is asked about; its own `0s` leaves out the events of this very second."""
    return f"{time.time():.6f}"


def _filters(labels: Mapping[str, str | None]) -> Iterable[str]:
    for name, value in labels.items():
        yield "--filter"
        yield f"label={name}" if value is None else f"label={name}={value}"
