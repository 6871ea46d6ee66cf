"""One profile brought up and taken down through both entry points, and all that was seen on the way."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mmcompose.deploy.ready import picture
from tests.bed import gpusim
from tests.bed.commands import BedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.scenarios.stage import Entry, Stage

ENTRIES: tuple[Entry, ...] = ("alone", "root")
IMAGE = [{"type": "image_url", "image_url": {"url": picture.data_url()}}]
BODIES: dict[str, dict[str, Any]] = {
    "chat": {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8},
    "ocr": {"messages": [{"role": "user", "content": IMAGE}]},
    "segment": {"image": picture.data_url(), "text": "letter"},
}


@dataclass
class Seen:
    """One start: the containers as Docker describes them, what the engine answered, what its user may do."""

    engine: dict[str, Any]
    own: dict[str, Any]
    answer: dict[str, Any]
    stream: str
    models: str
    inside: list[str]
    gpus: dict[str, str]


@dataclass
class Visit:
    profile: str
    starts: dict[str, Seen] = field(default_factory=dict)
    refusal: str = ""
    still: str = ""
    left: str = ""
    fault: str = ""
    """Why the visit broke off."""


def visit(stage: Stage, profile: str, entries: Sequence[Entry]) -> Visit:
    made = Visit(profile)
    try:
        stage.prepare(profile)
        for entry in entries:
            made.starts[entry] = start(stage, profile, entry)
            if entry == "alone" and "root" in entries:
                made.refusal = refused(stage, profile)
                made.still = stage.inspect(stage.container(profile))["State"]["Health"]["Status"]
            stage.compose(entry, profile, "down")
        name = f"name=^/{stage.container(profile)}(-own)?$"
        made.left = stage.engine.docker("ps", "--all", "--quiet", "--filter", name)
    except BedError as error:
        made.fault = f"{error}\n{_end_of_log(stage, profile)}"
    return made


def start(stage: Stage, profile: str, entry: Entry) -> Seen:
    stage.compose(entry, profile, "up", "--detach", "--wait", "--wait-timeout", "500")
    container, compiled = stage.container(profile), stage.shipped.compilation().profiles[profile]
    probe = compiled.engines[profile].probe
    service = compiled.services[profile]
    body = BODIES.get(probe.kind, {})
    chats = probe.kind in ("chat", "ocr")
    own = stage.container(profile, "-own")
    return Seen(
        engine=stage.inspect(container),
        own=stage.inspect(own) if service.caches else {},
        answer=dict(json.loads(stage.ask(profile, probe.path, body))) if probe.path else {},
        stream=stage.ask(profile, probe.path or "", body | {"stream": True}) if chats else "",
        models=stage.ask(profile, probe.models) if probe.models else "",
        inside=stage.inside(container, script([*service.caches.values()])).splitlines(),
        gpus=gpusim.requested(stage.engine, container) if stage.engine.name.startswith("gpus-") else {},
    )


def script(caches: list[str]) -> str:
    """What the engine's own user sees from within."""
    tries = [f"touch {folder}/of-the-test && echo wrote {folder}" for folder in (*caches, "/tmp")]
    return "; ".join([
        'echo "user $(id -u):$(id -g)"',
        "if touch /of-the-test 2>/dev/null; then echo wrote the root; fi",
        "grep ^CapEff /proc/self/status",
        *tries,
    ])  # fmt: skip


def refused(stage: Stage, profile: str) -> str:
    """What Compose says when the same profile is started through the other entry point."""
    try:
        stage.compose("root", profile, "up", "--detach")
    except BedError as error:
        return str(error)
    return ""


def _end_of_log(stage: Stage, profile: str) -> str:
    try:
        return stage.logs(stage.container(profile))[-2000:]
    except BedError as error:
        return str(error)
