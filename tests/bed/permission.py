"""What the bed may do to this machine outside its own folder."""

from __future__ import annotations

import os
from pathlib import Path

from tests.bed import pins
from tests.bed.commands import NotHereError

FORBIDS = "MMCOMPOSE_INSTALL_DOCKER"


def is_root_on_debian() -> bool:
    release = Path("/etc/os-release")
    arguments = release.read_text().split() if release.exists() else []
    return os.geteuid() == 0 and "ID=debian" in arguments and f"VERSION_CODENAME={pins.HOST_SUITE}" in arguments


def forbidden() -> bool:
    return os.environ.get(FORBIDS) == "0"


def may_install() -> bool:
    return is_root_on_debian() and not forbidden()


def need(what: str) -> None:
    """Raises NotHereError where the bed may not install."""
    if not is_root_on_debian():
        raise NotHereError(f"{what} is not here, and not root on Debian {pins.HOST_SUITE}")
    if forbidden():
        raise NotHereError(f"{what} is not here, and {FORBIDS}=0 forbids installing it")
