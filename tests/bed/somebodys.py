"""Signs that somebody has a Docker on this machine, running or not: then the bed starts none beside it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from mmcompose.deploy.docker import noted_engine
from tests.bed import place

UNITS = tuple(
    f"{folder}/{name}"
    for folder in ("/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system", "/run/systemd/system")
    for name in ("docker.service", "docker.socket", "snap.docker.dockerd.service", "podman.socket")
)
FOLDERS = ("/var/lib/docker", "/var/snap/docker", "/etc/init.d/docker")
SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock")
AT_HOME = (".config/systemd/user/docker.service", ".local/share/docker", ".docker/desktop", ".docker/run/docker.sock")


def docker() -> list[str]:
    """What was found, as paths and names that a person knows."""
    home, run = os.environ.get("HOME", ""), os.environ.get("XDG_RUNTIME_DIR", "")
    places = [*UNITS, *FOLDERS, *SOCKETS]
    places += [f"{home}/{name}" for name in AT_HOME if home]
    places += [f"{run}/docker.sock"] if run else []
    found = [name for name in places if os.path.lexists(name) and not is_the_beds(name)]
    if noted_engine.chosen() and not os.environ.get("DOCKER_HOST"):
        found.append("a Docker context that was chosen (docker context ls)")
    daemon = shutil.which("dockerd")
    if daemon and not Path(daemon).resolve().is_relative_to(place.home()):
        found.append(daemon)
    return found


def is_the_beds(path: str) -> bool:
    """A bed of an older release put its socket at Docker's usual place; after a crash the file stays."""
    try:
        noted = json.loads((place.home() / "engines/default/process.json").read_text())
        return f"unix://{path}".replace("/var/run/", "/run/") in [
            str(term).replace("/var/run/", "/run/") for term in noted["command"]
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return False
