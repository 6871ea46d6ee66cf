"""Profiles in, seats out: every published port and every GPU, the same on each run.

Only declarations count, never the machine this runs on. A declared port or device wins, then what the lock remembers,
then the lowest that is free; so a new profile never moves an old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mmcompose.core.claims import Seats
from mmcompose.core.seat_gpus import seat_gpus
from mmcompose.core.seat_ports import clashes, seat_ports
from mmcompose.model import Problem, Profile, Project, Seat


class Placed(NamedTuple):
    seats: Seats
    problems: list[Problem]


def place(project: Project, profiles: Mapping[str, Profile], remembered: Mapping[str, Mapping[str, Seat]]) -> Placed:
    problems: list[Problem] = []
    gpus: dict[tuple[str, str], tuple[int, ...]] = {}
    ports: dict[tuple[str, str], dict[str, int]] = {}
    for host in sorted({profile.host.name for profile in profiles.values()}):
        here = [profile for _, profile in sorted(profiles.items()) if profile.host.name == host]
        problems += seat_gpus(here, remembered, gpus)
        problems += seat_ports(project, here, remembered, ports)
    seats = {
        name: {service: Seat(ports[name, service], gpus[name, service]) for service in profile.services}
        for name, profile in profiles.items()
    }
    problems += clashes(profiles, seats)
    return Placed(seats, problems)
