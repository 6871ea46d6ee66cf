"""Decides which profiles of a host can be up together, and explains each pair that cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from mmcompose.core.hints import numbers
from mmcompose.core.sizes import in_bytes, spoken
from mmcompose.model import Machine, Profile, Seat, Service, Stack

HEADROOM = 0.15
"""The part of a GPU's memory that no profile may reserve."""


class Pair(NamedTuple):
    host: str
    one: str
    other: str
    why_not: str


LIMIT = 200_000
"""The most pairs that are computed; more would take minutes, and nobody would read them."""


def pairs_in(stack: Stack) -> int:
    """The number of pairs of profiles that share a host."""
    hosts = Counter(profile.host.name for profile in stack.profiles.values())
    return sum(count * (count - 1) // 2 for count in hosts.values())


def coexistence(stack: Stack) -> list[Pair]:
    """Every pair of profiles on a common host; an empty `why_not` means that they can be up together."""
    pairs = []
    for one, other in combinations(sorted(stack.profiles), 2):
        left, right = stack.profiles[one], stack.profiles[other]
        if left.host.name == right.host.name:
            why_not = conflict(left, stack.seats[one], right, stack.seats[other])
            pairs.append(Pair(left.host.name, one, other, why_not))
    return pairs


def conflict(
    left: Profile,
    left_seats: Mapping[str, Seat],
    right: Profile,
    right_seats: Mapping[str, Seat],
    *,
    ports: bool = True,
) -> str:
    """Why two profiles of one host cannot be up together; empty if they can."""
    if left.host.name != right.host.name:
        return "they are on different hosts"
    reasons = [*_gpus(left, left_seats, right, right_seats), *_memory(left, right)]
    if ports:
        mine = {port for seat in left_seats.values() for port in seat.ports.values()}
        theirs = {port for seat in right_seats.values() for port in seat.ports.values()}
        reasons += [f"both publish port {port}" for port in sorted(mine & theirs)]
    return "; ".join(reasons)


def _gpus(
    left: Profile, left_seats: Mapping[str, Seat], right: Profile, right_seats: Mapping[str, Seat]
) -> Iterator[str]:
    """Yields conflicts about GPUs; cards with the same conflict share one message."""
    alone: dict[tuple[str, ...], list[int]] = {}
    crowded: dict[tuple[int, int], list[int]] = {}
    for card in range(len(left.host.gpus)):
        ours, theirs = _users(left, left_seats, card), _users(right, right_seats, card)
        if not ours or not theirs:
            continue
        claiming = tuple(
            p.name for p, users in ((left, ours), (right, theirs)) if any(s.gpu.share == "exclusive" for s in users)
        )
        if claiming:
            alone.setdefault(claiming, []).append(card)
            continue
        promised = sum(in_bytes(service.gpu.vram or "0b") for service in (*ours, *theirs))
        room = promisable(left.host, card)
        if promised > room:
            crowded.setdefault((promised, room), []).append(card)
    for names, cards in alone.items():
        yield f"{f'{names[0]} claims' if len(names) == 1 else 'both claim'} GPU {numbers(cards)} alone"
    for (promised, room), cards in crowded.items():
        each = "each of " if len(cards) > 1 else ""
        yield f"together {spoken(promised)} of {each}GPU {numbers(cards)}, of which {spoken(room)} may be reserved"


def promisable(machine: Machine, card: int) -> int:
    return int(in_bytes(machine.gpus[card].vram) * (1 - HEADROOM))


def _users(profile: Profile, seats: Mapping[str, Seat], card: int) -> list[Service]:
    return [service for name, service in profile.services.items() if card in seats[name].gpus]


def _memory(left: Profile, right: Profile) -> Iterator[str]:
    total = declared_memory(left) + declared_memory(right)
    if total > in_bytes(left.host.memory):
        yield f"together {spoken(total)} of memory, {left.host.name} has {left.host.memory}"


def declared_memory(profile: Profile) -> int:
    return sum(in_bytes(size) for key in profile.services if (size := promised_memory(profile, key)))


def promised_memory(profile: Profile, key: str) -> str | None:
    """The memory limit of a service if it is a size. A part of the host means "as much as there is" and reserves
    nothing; the size that is derived from it keeps its origin."""
    limit = profile.settings[key].at(("resources", "memory"))
    former = limit.overrode[:1] if limit else ()
    of_host = any(str(old.value).endswith("%") and old.origin == limit.origin for old in former if limit)
    return None if of_host else profile.services[key].resources.memory
