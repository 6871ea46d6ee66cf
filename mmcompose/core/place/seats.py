"""Profiles in, seats out: every published port and every GPU, the same on each run.

Only declarations count, never the machine on which this runs. A declared port or device wins, then the lock's, then the
lowest free one; so a new profile never moves an old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mmcompose.core.place.gpus import seat_gpus
from mmcompose.core.place.ports import clashes, seat_ports
from mmcompose.core.place.subject import Seats, subjects
from mmcompose.model import ENGINE, MACHINE, Problem, Profile, Project, Seat


class Placed(NamedTuple):
    """The seats. `moves`: ports that differ from the lock's although their own profiles have not changed them."""

    seats: Seats
    problems: list[Problem]
    moves: list[Problem]


_WISHES = (ENGINE, MACHINE, "gpu", "ports", "listen", "resources")
"""The settings that placement reads."""


def wishes_are_sure(profile: Profile) -> bool:
    return not any(doubt.missing or doubt.about(_WISHES) for doubt in profile.doubts.values())


def place(project: Project, profiles: Mapping[str, Profile], remembered: Mapping[str, Mapping[str, Seat]]) -> Placed:
    problems: list[Problem] = []
    moves: list[Problem] = []
    seats: Seats = {name: {} for name in profiles}
    for host in sorted({profile.host.name for profile in profiles.values()}):
        here = list(subjects(profile for profile in profiles.values() if profile.host.name == host))
        gpus, gpu_problems = seat_gpus(here, remembered)
        ports, port_problems, moved = seat_ports(project, here, remembered)
        for subject in here:
            seats[subject.profile.name][subject.name] = Seat(ports[subject.key], gpus[subject.key])
        problems += [*gpu_problems, *port_problems]
        moves += moved
    return Placed(seats, [*problems, *clashes(profiles, seats)], moves)
