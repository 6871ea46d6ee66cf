"""The memory of shared GPUs, promised to whoever runs: who has to go where one more claim does not fit. Pure.

Pairs that fit can be too many together, and other projects promise the same cards, so what counts is the sum of the
labels on all that runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mmcompose.core.coexist import promisable
from mmcompose.core.sizes import in_bytes, spoken
from mmcompose.core.wiring import gpu_ids
from mmcompose.deploy.observe import Deployment, Running
from mmcompose.deploy.target import Target
from mmcompose.model import Seat, Stack


def same_card(one: str, other: str) -> bool:
    """A number and a UUID cannot be told apart here, so they count as the same card."""
    return one == other or one.isdigit() != other.isdigit()


def too_much(target: Target, others: Sequence[Deployment], stack: Stack) -> Iterator[tuple[Deployment, str]]:
    """Those that leave, and why: of those that suffice alone the smallest, else the largest and then the next."""
    profile, seats = stack.profiles[target.profile], stack.seats[target.profile]
    left = list(others)
    for card in range(len(profile.host.gpus)):
        name = gpu_ids(profile.host, Seat(gpus=(card,)))[0]
        users = (service for key, service in profile.services.items() if card in seats[key].gpus)
        mine = sum(in_bytes(service.gpu.vram or "0b") for service in users)
        room = promisable(profile.host, card)
        held = {index: _held(other, name, stack) for index, other in enumerate(left)}
        while mine and (over := mine + sum(held.values()) - room) > 0 and any(held.values()):
            enough = [index for index, bytes_ in held.items() if bytes_ >= over]
            leaving = min(enough, key=lambda index: held[index]) if enough else max(held, key=lambda index: held[index])
            total = spoken(mine + sum(held.values()))
            yield left[leaving], f"together {total} of GPU {card}, of which {spoken(room)} may be promised"
            del held[leaving]
        left = [left[index] for index in held]


def _held(other: Deployment, card: str, stack: Stack) -> int:
    holders = (one for one in other.engines if one.alive and any(same_card(card, gpu) for gpu in one.gpus))
    return sum(_promised(one, stack) for one in holders)


def _promised(one: Running, stack: Stack) -> int:
    """By its label; a container that was started before there was one is what its file says now."""
    if one.vram is not None:
        return one.vram
    profile = stack.profiles.get(one.profile) if one.project == stack.project.name else None
    service = profile.services.get(one.service) if profile else None
    return in_bytes(service.gpu.vram) if service and service.gpu.vram else 0
