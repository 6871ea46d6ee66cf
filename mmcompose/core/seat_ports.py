"""Which host port each published port gets. A declared one wins, then what the lock remembers, then the lowest free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mmcompose.core.claims import Seats, claims
from mmcompose.core.coexist import conflict
from mmcompose.model import Problem, Profile, Project, Seat


def seat_ports(
    project: Project,
    here: list[Profile],
    remembered: Mapping[str, Mapping[str, Seat]],
    ports: dict[tuple[str, str], dict[str, int]],
) -> Iterator[Problem]:
    declared = {port for claim in claims(here) for port in claim.service.ports.values() if isinstance(port, int)}
    taken = set(declared)
    waiting = []
    low, high = _range(here[0].host.ports or project.ports)
    for profile, name, service, _, tree in claims(here):
        seat = ports[profile.name, name] = {}
        for port_name, port in service.ports.items():
            before = remembered.get(profile.name, {}).get(name, Seat()).ports.get(port_name)
            if isinstance(port, int):
                seat[port_name] = port
            elif before is not None and low <= before <= high and before not in taken:
                seat[port_name] = before
                taken.add(before)
            else:
                waiting.append((seat, port_name, tree))
    free = iter(port for port in range(low, high + 1) if port not in taken)
    for seat, port_name, tree in waiting:
        chosen = next(free, None)
        if chosen is None:
            where = tree.nearest(("ports", port_name)).place
            message = f"no port is left in {low}-{high}"
            yield Problem(
                where, f"ports.{port_name}", message, "widen `ports:` in mmcompose.yaml or the host file", "ports"
            )
            return
        seat[port_name] = chosen


def _range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low), int(high)


def clashes(profiles: Mapping[str, Profile], seats: Seats) -> Iterator[Problem]:
    """A host port may serve two profiles only when they can never be up together."""
    users: defaultdict[tuple[str, int], list[tuple[str, str, str]]] = defaultdict(list)
    for name, profile in sorted(profiles.items()):
        for service in profile.services:
            for port_name, port in seats[name][service].ports.items():
                users[profile.host.name, port].append((name, service, port_name))
    for (_, port), holders in users.items():
        for index, (name, service, port_name) in enumerate(holders):
            for other, other_service, _ in holders[:index]:
                mine, theirs = profiles[name], profiles[other]
                if name != other and conflict(mine, seats[name], theirs, seats[other], ports=False):
                    continue
                at = mine.settings[service].nearest(("ports", port_name)).place
                rival = theirs.settings[other_service].nearest(("ports",)).place
                message = f"{port} is also the port of {other} ({rival})"
                hint = "the two may be up together: choose another, or write auto"
                yield Problem(at, f"ports.{port_name}", message, hint, "ports.clash")
                break
