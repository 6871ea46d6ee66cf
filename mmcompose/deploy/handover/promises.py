"""Sums reserved memory, of shared GPUs and of the machine, and names the profiles that must stop so that one more
fits. Pure.

Two profiles may fit where three do not, and other projects reserve memory of the same cards, so the sum over all
running profiles counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from mmcompose.core.place.coexist import declared_memory, promisable
from mmcompose.core.place.facts import gpu_ids
from mmcompose.core.sizes import in_bytes, spoken
from mmcompose.deploy.docker.observe import Deployment, Running
from mmcompose.deploy.wanted import WantedProfile
from mmcompose.model import Seat, Stack


def same_card(one: str, other: str) -> bool:
    """Whether both may be the same card: a number and a UUID cannot be compared here, so they count as the same."""
    return one == other or one.isdigit() != other.isdigit()


class Pool(NamedTuple):
    """A limited amount of memory. `held` returns a running profile's part of it."""

    name: str
    room: int
    offers: str
    mine: int
    held: Callable[[Deployment], int]


def too_much(wanted: WantedProfile, others: Sequence[Deployment], stack: Stack) -> Iterator[tuple[Deployment, str]]:
    """The profiles that must stop, and why: the smallest that suffices alone, else the largest and then the next."""
    left = list(others)
    for pool in _pools(wanted, stack):
        held = {index: pool.held(other) for index, other in enumerate(left)}
        while pool.mine and (over := pool.mine + sum(held.values()) - pool.room) > 0 and any(held.values()):
            enough = [index for index, bytes_ in held.items() if bytes_ >= over]
            leaving = min(enough, key=lambda index: held[index]) if enough else max(held, key=lambda index: held[index])
            yield left[leaving], f"together {spoken(pool.mine + sum(held.values()))} of {pool.name}, {pool.offers}"
            del held[leaving]
        left = [left[index] for index in held]


def _pools(wanted: WantedProfile, stack: Stack) -> Iterator[Pool]:
    """Each card of the host, and the machine's own memory."""
    profile, seats = stack.profiles[wanted.profile], stack.seats[wanted.profile]
    for card in range(len(profile.host.gpus)):
        name = gpu_ids(profile.host, Seat(gpus=(card,)))[0]
        users = (service for key, service in profile.services.items() if card in seats[key].gpus)
        mine = sum(in_bytes(service.gpu.vram or "0b") for service in users)
        room = promisable(profile.host, card)
        offers = f"of which {spoken(room)} may be reserved"
        yield Pool(f"GPU {card}", room, offers, mine, partial(_vram, card=name, stack=stack))
    host = profile.host
    offers = f"{host.name} has {host.memory}"
    yield Pool("memory", in_bytes(host.memory), offers, declared_memory(profile), _memory)


def _memory(other: Deployment) -> int:
    return sum(one.memory for one in other.engines if one.alive)


def _vram(other: Deployment, card: str, stack: Stack) -> int:
    holders = (one for one in other.engines if one.alive and any(same_card(card, gpu) for gpu in one.gpus))
    return sum(_promised(one, stack) for one in holders)


def _promised(one: Running, stack: Stack) -> int:
    """The amount on its label; for a container without that label, the amount in its file."""
    if one.vram is not None:
        return one.vram
    profile = stack.profiles.get(one.profile) if one.project == stack.project.name else None
    service = profile.services.get(one.service) if profile else None
    return in_bytes(service.gpu.vram) if service and service.gpu.vram else 0
