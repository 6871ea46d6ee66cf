"""The store of weights of this host, and containers that work on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmcompose.core.pipeline import Compilation
from mmcompose.core.place.supplies import FORMER, MODELS, STORE, keeper
from mmcompose.deploy.docker.binding import bind
from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.program import stream
from mmcompose.deploy.start import aside
from mmcompose.model import Machine
from mmcompose.model.failure import Failure
from mmcompose.model.paths import FETCH, image
from mmcompose.model.targets import BUILD, COMPOSE

_TOKEN = "/run/secrets/hf_token"
_HASHES = "/hashes.json"
_HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", "256")
_TMP = ("--tmpfs", "/tmp:size=64m,mode=1777,nosuid,nodev")  # noqa: S108 - of the container
_OF_COMPOSE = "com.docker.compose"


class Store(NamedTuple):
    """Where the models lie: the host file's folder, or a volume of the project. `user` owns what is written."""

    project: str
    machine: Machine
    image: str
    context: Path

    @property
    def volume(self) -> str:
        return f"{self.project}-{MODELS}"

    @property
    def source(self) -> str:
        return self.machine.models or self.volume

    @property
    def shown(self) -> str:
        return self.machine.models or f"the volume {self.volume}"


def of(root: Path, made: Compilation, machine: Machine) -> Store:
    assert made.project is not None
    built = root / COMPOSE.name / BUILD / FETCH
    texts = {path: data.decode("utf-8", "surrogateescape") for path, data in made.contexts.get(FETCH, {}).items()}
    context = built if built.is_dir() else aside.context(root, FETCH, texts)
    return Store(made.project.name, machine, image(FETCH, made.contents.get(FETCH, "")), context)


def ready(engine: DockerEngine, store: Store) -> None:
    """Builds the image where it is missing; makes the volume as Compose would, and gives it to the host file's user."""
    if engine.image(store.image) is None:
        _docker(engine, "build", "--tag", store.image, str(store.context))
    if store.machine.models:
        if not Path(store.machine.models).is_dir():
            message = f"{store.machine.models}, the folder of the models, is not here"
            raise Failure(f"{message}: create it for user {store.machine.uid}, or correct machine.models", 2)
        return
    marks = [f"{_OF_COMPOSE}.project={store.project}", f"{_OF_COMPOSE}.volume={MODELS}"]
    labels = [part for mark in marks for part in ("--label", mark)]
    _docker(engine, "volume", "create", *labels, store.volume)
    owner = keeper(store.machine)
    mounted = ("--volume", f"{store.volume}:{STORE}", "--network", "none", "--cap-add", "CHOWN", "--user", "0:0")
    _docker(engine, "run", "--rm", *_HARDENED, *mounted, "--entrypoint", "chown", store.image, owner, STORE)


def run(
    engine: DockerEngine,
    store: Store,
    verb: str,
    options: Sequence[str],
    *,
    writes: bool = True,
    online: bool = False,
    token: Path | None = None,
    former: Sequence[str] = (),
    hashes: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Runs the program that fetches; yields its events. Raises Failure with its own message and hint."""
    mounts = list(_mounted(store.source, STORE, read_only=not writes))
    arguments = [verb, *([] if verb == "lock" else ["--store", STORE]), *options, "--events"]
    for index, cache in enumerate(former):
        mounts += _mounted(cache, f"{FORMER}/{index}", read_only=verb != "adopt")
        arguments += ["--former", f"{FORMER}/{index}"]
    if token is not None:
        mounts += bind(token, _TOKEN, read_only=True)
        arguments += ["--token-file", _TOKEN]
    if hashes is not None:
        mounts += bind(hashes, _HASHES, read_only=True)
        arguments += ["--hashes", _HASHES]
    hub = {"HF_ENDPOINT": store.machine.hub} if store.machine.hub else {}
    named = [part for name, value in {**hub, **(environment or {})}.items() for part in ("--env", f"{name}={value}")]
    user = ("--user", keeper(store.machine))
    network = () if online else ("--network", "none")
    command = engine.docker_command(
        "run", "--rm", "--init", *_HARDENED, *_TMP, *user, *network, *mounts, *named, store.image, *arguments
    )
    yield from _events(command)


def _mounted(source: str, inside: str, *, read_only: bool) -> tuple[str, ...]:
    """A volume by its name, or a folder by its path."""
    if source.startswith("/"):
        return bind(Path(source), inside, read_only=read_only)
    return ("--volume", f"{source}:{inside}:{'ro' if read_only else 'rw'}")


def _events(command: Sequence[str]) -> Iterator[dict[str, Any]]:
    failed: dict[str, Any] = {}
    try:
        for line in stream(command):
            event = _event(line)
            if event.get("event") == "failure":
                failed = event
            elif event:
                yield event
    except EngineError as error:
        if failed:
            hint = f" ({failed['hint']})" if failed.get("hint") else ""
            raise Failure(f"{failed['message']}{hint}", 4) from error
        raise


def _event(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _docker(engine: DockerEngine, *arguments: str) -> None:
    """Runs a command of Docker to its end."""
    for _ in stream(engine.docker_command(*arguments)):
        pass
