"""The docker command's plugins, where it has none of its own."""

from __future__ import annotations

from tests.bed import announce, debian, permission, pins, place, shell
from tests.bed.commands import succeeds

NAMES = ("compose", "buildx")


def ensure(docker: str) -> None:
    """Give ``docker`` the plugins that it lacks, by settings of the bed's own; those it has are left alone."""
    if not missing(docker) or not permission.may_install():
        return
    announce.first(engine=False)
    debian.unpack(pins.LATE_SUITE, pins.LATE_PACKAGES, place.home() / "engine")
    shell.take_plugins()


def missing(docker: str) -> list[str]:
    return [name for name in NAMES if not succeeds(docker, name, "version")]
