"""Chooses the GPUs of each service: a declared device wins, then the lock's, then the least claimed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mmcompose.core.hints import listing
from mmcompose.core.place.coexist import HEADROOM, promisable
from mmcompose.core.place.subject import Key, Subject
from mmcompose.core.resolve.runs_on import of_another_kind
from mmcompose.core.sizes import in_bytes, spoken
from mmcompose.model import Problem, Seat


def seat_gpus(
    here: Sequence[Subject], remembered: Mapping[str, Mapping[str, Seat]]
) -> tuple[dict[Key, tuple[int, ...]], list[Problem]]:
    """The GPUs of all services of one host, and the faults of their claims."""
    seats: dict[Key, tuple[int, ...]] = {}
    problems = []
    load: Counter[int] = Counter()
    waiting = []
    for subject in here:
        impossible, gpu = _impossible(subject), subject.service.gpu
        if impossible:
            seats[subject.key] = ()
            if not of_another_kind(subject.profile.runs_on, subject.profile.host):
                problems.append(impossible)
            continue
        before = remembered.get(subject.profile.name, {}).get(subject.name, Seat()).gpus
        fixed = gpu.devices or (before if _still_good(subject, before) else ())
        if fixed or not gpu.count:
            seats[subject.key] = fixed
            load.update(fixed)
        else:
            waiting.append(subject)
    for subject in waiting:
        profile, gpu = subject.profile, subject.service.gpu
        siblings = {card for sibling in profile.services for card in seats.get((profile.name, sibling), ())}
        fitting = [card for card in range(len(profile.host.gpus)) if _fits(subject, card)]
        free = [card for card in fitting if card not in siblings]
        if gpu.share == "shared" or len(free) < gpu.count:
            free = fitting
        seats[subject.key] = tuple(sorted(sorted(free, key=lambda card: (load[card], card))[: gpu.count]))
        load.update(seats[subject.key])
    return seats, [*problems, *_overfull(here, seats)]


def _impossible(subject: Subject) -> Problem | None:
    """Reports a claim that this host can never meet."""
    host, gpu = subject.profile.host, subject.service.gpu
    if gpu.count > len(host.gpus):
        message = f"must be at most {len(host.gpus)}, the GPUs of {host.name}, not {gpu.count}"
        return subject.problem(("gpu", "count"), message, "choose another host, or claim fewer", "gpu.count")
    absent = [card for card in gpu.devices if card >= len(host.gpus)]
    if absent:
        message = f"{host.name} has no GPU {absent[0]}"
        return subject.problem(("gpu", "devices"), message, f"it has {len(host.gpus)}", "gpu.devices")
    if gpu.devices and gpu.count != len(set(gpu.devices)):
        message = f"must name as many GPUs as gpu.count, {gpu.count}, not {len(set(gpu.devices))}"
        return subject.problem(("gpu", "devices"), message, "", "gpu.devices")
    if gpu.share == "shared" and gpu.vram is None and gpu.count:
        message, hint = "a shared GPU needs `gpu.vram`", "write gpu.vram, such as 6g"
        return subject.problem(("gpu", "vram"), message, hint, "gpu.vram", at=("gpu", "share"))
    if gpu.vram and gpu.count:
        cards = gpu.devices or range(len(host.gpus))
        if sum(_fits(subject, card) for card in cards) < gpu.count:
            room = spoken(max(promisable(host, card) for card in cards))
            message = f"{gpu.vram} does not fit on GPU {listing(gpu.devices)} of {host.name}"
            if not gpu.devices:
                message = f"{gpu.vram} does not fit on {gpu.count} of {host.name}'s GPUs"
            hint = f"{room} of the largest may be reserved: {HEADROOM:.0%} must stay free"
            return subject.problem(("gpu", "vram"), message, hint, "gpu.vram")
    return None


def _fits(subject: Subject, card: int) -> bool:
    vram = subject.service.gpu.vram
    return vram is None or in_bytes(vram) <= promisable(subject.profile.host, card)


def _still_good(subject: Subject, before: tuple[int, ...]) -> bool:
    cards = len(subject.profile.host.gpus)
    return len(before) == subject.service.gpu.count and all(card < cards and _fits(subject, card) for card in before)


def _overfull(here: Sequence[Subject], seats: Mapping[Key, tuple[int, ...]]) -> Iterator[Problem]:
    """Reports cards that the services of one profile overfill: these always run together."""
    users: defaultdict[tuple[str, int], list[Subject]] = defaultdict(list)
    for subject in here:
        for card in seats[subject.key]:
            users[subject.profile.name, card].append(subject)
    for (_, card), together in users.items():
        if len(together) < 2:
            continue
        last, names = together[-1], " and ".join(subject.name for subject in together)
        alone = [subject.name for subject in together if subject.service.gpu.share == "exclusive"]
        room = promisable(last.profile.host, card)
        if alone:
            message = f"{names} are on GPU {card}, and {alone[0]} claims it alone"
            hint = "write share: shared and a vram for each, or claim other GPUs"
            yield last.problem(("gpu",), message, hint, "gpu.share")
        elif sum(in_bytes(subject.service.gpu.vram or "0b") for subject in together) > room:
            message = f"{names} reserve more of GPU {card} than the {spoken(room)} that may be reserved"
            yield last.problem(("gpu", "vram"), message, "", "gpu.vram", at=("gpu",))
