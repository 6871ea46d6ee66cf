"""The engine that bookworm itself ships: the oldest that the project promises anything about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bed import apart, debian, pins, place

if TYPE_CHECKING:
    from tests.bed.engine import Engine

NAME = "old"


def ensure() -> Engine:
    apart.possible()
    with place.only_one(NAME):
        unpacked = place.home() / "old-engine"
        debian.install_libraries(pins.OLD_LIBRARIES)
        debian.unpack(pins.HOST_SUITE, pins.OLD_PACKAGES, unpacked)
        return apart.ensure(NAME, unpacked / "usr/sbin/dockerd")
