"""The docker command's plugins, where it has none of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bed import debian, pins, place
from tests.bed.commands import step, succeeds

FOLDER = Path("/usr/libexec/docker/cli-plugins")
NAMES = ("compose", "buildx")


def ensure(docker: str) -> None:
    """Give ``docker`` the plugins that it lacks; those it has are left alone, whatever their version."""
    missing = [name for name in NAMES if not succeeds(docker, name, "version")]
    if not missing:
        return
    debian.unpack(pins.LATE_SUITE, pins.LATE_PACKAGES, place.home() / "engine")
    with step(f"docker {' and '.join(missing)}"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name in missing:
            install(f"docker-{name}")


def install(plugin: str) -> None:
    """Copy beside and rename: a half-written plugin would be taken for a broken one."""
    half = FOLDER / f".{plugin}.half"
    shutil.copy2(place.home() / "engine" / "usr/libexec/docker/cli-plugins" / plugin, half)
    half.rename(FOLDER / plugin)
