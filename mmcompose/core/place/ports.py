"""Chooses the host port of each published port: a declared one, else the lock's, else the lowest free one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mmcompose.core.place.coexist import conflict
from mmcompose.core.place.subject import Key, Seats, Subject, subjects
from mmcompose.model import Problem, Profile, Project, Seat


def seat_ports(
    project: Project, here: Sequence[Subject], remembered: Mapping[str, Mapping[str, Seat]]
) -> tuple[dict[Key, dict[str, int]], list[Problem], list[Problem]]:
    """Returns the ports of all services of one host, the Problem when they are too many, and those that move."""
    seats: dict[Key, dict[str, int]] = {subject.key: {} for subject in here}
    declared = {port: subject for subject in here for port in subject.service.ports.values() if isinstance(port, int)}
    taken = dict(declared)
    waiting = []
    low, high = map(int, (here[0].profile.host.ports or project.ports).split("-"))
    for subject in here:
        seat, old = seats[subject.key], remembered.get(subject.profile.name, {}).get(subject.name, Seat()).ports
        for port_name, port in subject.service.ports.items():
            before = old.get(port_name)
            if isinstance(port, int):
                seat[port_name] = port
            elif before is not None and low <= before <= high and before not in taken:
                seat[port_name] = before
                taken[before] = subject
            else:
                waiting.append((subject, port_name, before))
    free = iter(port for port in range(low, high + 1) if port not in taken)
    moves = []
    for subject, port_name, before in waiting:
        chosen = next(free, None)
        if chosen is None:
            hint = "widen `ports:` in mmcompose.yaml or the host file"
            return seats, [subject.problem(("ports", port_name), f"no port is left in {low}-{high}", hint, "ports")], []
        seats[subject.key][port_name] = chosen
        if before is not None:
            rival = taken.get(before)
            reason = f"{before} is not in {low}-{high}"
            if rival:
                fixed, name = before in declared, _called(rival)
                reason = f"{name} asks for {before}" if fixed else f"{before} belongs to {name} in the lock too"
            moves.append(_move(subject, port_name, before, chosen, reason))
    return seats, [], moves


def _move(subject: Subject, port_name: str, before: int, now: int, reason: str) -> Problem:
    """Reports a port that changes. A container that is up keeps its port until Docker recreates it, and clients use the
    old port until then."""
    message = f"{_called(subject)} moves from {before} to {now}, because {reason}"
    hint = "tell its clients; to keep the port, declare it here, or declare another one for the other service"
    return subject.problem(("ports", port_name), message, hint, "ports.moved", "warning")


def _called(subject: Subject) -> str:
    return subject.profile.compose_name(subject.name)


def clashes(profiles: Mapping[str, Profile], seats: Seats) -> Iterator[Problem]:
    """Finds host ports that are used by two profiles which may be up together."""
    users: defaultdict[tuple[str, int], list[tuple[Subject, str]]] = defaultdict(list)
    for subject in subjects(profiles.values()):
        for port_name, port in seats[subject.profile.name][subject.name].ports.items():
            users[subject.profile.host.name, port].append((subject, port_name))
    for (_, port), holders in users.items():
        for index, (subject, port_name) in enumerate(holders):
            for other, _ in holders[:index]:
                mine, theirs = subject.profile, other.profile
                if mine is not theirs and conflict(mine, seats[mine.name], theirs, seats[theirs.name], ports=False):
                    continue
                rival = other.tree.nearest(("ports",)).place
                hint = "the two may be up together: choose another, or write auto"
                names = (subject.name, other.name) if mine is theirs else (mine.name, theirs.name)
                message = f"{port} of {names[0]} is also the port of {names[1]} ({rival})"
                yield subject.problem(("ports", port_name), message, hint, "ports.clash")
                break
