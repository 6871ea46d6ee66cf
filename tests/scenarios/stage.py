"""Where a story happens: one engine, the shipped profiles in a project of their own, and an image for every service."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.bed import images as bed_images
from tests.bed.commands import BedError, run
from tests.standin import images as standins
from tests.standin.overlay import overlay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.bed.engine import Engine
    from tests.standin.overlay import Overlay
    from tests.standin.project import Shipped

Entry = Literal["alone", "root"]


@dataclass
class Stage:
    """`first` is the engine on which images are made; `real` names images that take the place of a stand-in."""

    engine: Engine
    first: Engine
    shipped: Shipped
    free_port: Callable[[], int]
    real: Mapping[str, str] = field(default_factory=dict)
    overlays: dict[str, Overlay] = field(default_factory=dict)

    def prepare(self, profile: str, reported: Mapping[str, str] | None = None) -> Overlay:
        """Have the images, and the overlay that names them."""
        images = {}
        for service, (backend, version) in self.shipped.plays(profile).items():
            image = self.real.get(profile) or standins.ensure(self.engine, backend, version, first=self.first)
            images[service] = image
            if profile in self.real and self.engine != self.first:
                bed_images.share(image, self.first, self.engine)
        made = overlay(
            self.shipped.document(profile), images, self.free_port, helper=standins.BASE.tag, variables=reported
        )
        self.shipped.write(f"overlays/{profile}.yaml", made.text)
        self.overlays[profile] = made
        return made

    def compose(self, entry: Entry, profile: str, *arguments: str) -> str:
        """The shipped file by itself, or the root file with `--profile`: what a person types, with our overlay."""
        files = ["-f", f"compose/{profile}.yaml"] if entry == "alone" else ["-f", "compose.yaml"]
        chosen = [] if entry == "alone" else ["--profile", profile]
        parts = ["compose", *files, "-f", f"overlays/{profile}.yaml", *chosen, *arguments]
        return run(*self.engine.command(*parts), timeout=600, env=self.engine.environment(), cwd=self.shipped.folder)

    def container(self, profile: str, role: str = "") -> str:
        return f"{self.shipped.name}-{profile}{role}"

    def inspect(self, container: str) -> dict[str, Any]:
        return dict(json.loads(self.engine.docker("inspect", container))[0])

    def logs(self, container: str) -> str:
        """Both streams."""
        parts = [str(term) for term in self.engine.command("logs", container)]
        return run("sh", "-c", '"$@" 2>&1', "--", *parts, env=self.engine.environment())

    def inside(self, container: str, script: str) -> str:
        return self.engine.docker("exec", container, "sh", "-c", script)

    def url(self, profile: str, path: str) -> str:
        ports = self.overlays[profile].ports[profile]
        return f"http://127.0.0.1:{next(iter(ports.values()))}{path}"

    def await_health(self, profile: str) -> None:
        """Until the engine says that it is well."""
        probe = self.shipped.compilation().profiles[profile].engines[profile].probe
        deadline = time.monotonic() + 300
        while True:
            try:
                self.ask(profile, probe.health or probe.models or "/")
            except BedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def ask(self, profile: str, path: str, body: object = None) -> str:
        """The answer to one request from where the engine publishes its ports; anything but 200 is an error."""
        parts: list[str | Path] = [*self.engine.inside, "curl", "--silent", "--show-error", "--max-time", "60"]
        parts += ["--fail-with-body", "--noproxy", "*"]
        if body is not None:
            parts += ["--header", "Content-Type: application/json", "--data-binary", "@-"]
        return run(*parts, self.url(profile, path), stdin=None if body is None else json.dumps(body))


def needs_gpus(document: Mapping[str, Any]) -> int:
    """How many NVIDIA devices a file names."""
    reservations = (
        service.get("deploy", {}).get("resources", {}).get("reservations", {}).get("devices", [])
        for service in document["services"].values()
    )
    return max((len(device["device_ids"]) for devices in reservations for device in devices), default=0)
