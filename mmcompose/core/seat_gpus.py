"""Which GPUs each service takes. A declared device wins, then what the lock remembers, then the least claimed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from mmcompose.core.claims import claims
from mmcompose.core.coexist import HEADROOM, promisable
from mmcompose.core.hints import listing
from mmcompose.core.sizes import in_bytes, spoken
from mmcompose.model import Problem, Profile, Seat, Service, Setting


def seat_gpus(
    here: list[Profile], remembered: Mapping[str, Mapping[str, Seat]], gpus: dict[tuple[str, str], tuple[int, ...]]
) -> Iterator[Problem]:
    load: Counter[int] = Counter()
    waiting = []
    for profile, name, service, _, tree in claims(here):
        problem = _impossible(profile, service, tree)
        if problem:
            gpus[profile.name, name] = ()
            yield problem
            continue
        before = remembered.get(profile.name, {}).get(name, Seat()).gpus
        fixed = service.gpu.devices or (before if _still_good(profile, service, before) else ())
        if fixed or not service.gpu.count:
            gpus[profile.name, name] = fixed
            load.update(fixed)
        else:
            waiting.append((profile, name, service))
    for profile, name, service in waiting:
        siblings = {card for sibling in profile.services for card in gpus.get((profile.name, sibling), ())}
        fitting = [card for card in range(len(profile.host.gpus)) if _fits(profile, service, card)]
        free = [card for card in fitting if card not in siblings]
        if service.gpu.share == "shared" or len(free) < service.gpu.count:
            free = fitting
        chosen = tuple(sorted(sorted(free, key=lambda card: (load[card], card))[: service.gpu.count]))
        gpus[profile.name, name] = chosen
        load.update(chosen)
    yield from _overfull(here, gpus)


def _impossible(profile: Profile, service: Service, tree: Setting) -> Problem | None:
    """A claim that this host can never meet."""
    host, gpu = profile.host, service.gpu
    where = tree.nearest(("gpu", "count")).place
    if gpu.count > len(host.gpus):
        message = f"{gpu.count} asked for, {host.name} has {len(host.gpus)}"
        return Problem(where, "gpu.count", message, "choose another host, or claim fewer", "gpu.count")
    absent = [card for card in gpu.devices if card >= len(host.gpus)]
    if absent:
        at = tree.nearest(("gpu", "devices")).place
        return Problem(
            at, "gpu.devices", f"{host.name} has no GPU {absent[0]}", f"it has {len(host.gpus)}", "gpu.devices"
        )
    if gpu.devices and gpu.count != len(set(gpu.devices)):
        at = tree.nearest(("gpu", "devices")).place
        return Problem(at, "gpu.devices", f"{len(set(gpu.devices))} named, gpu.count is {gpu.count}", "", "gpu.devices")
    if gpu.share == "shared" and gpu.vram is None and gpu.count:
        at = tree.nearest(("gpu", "share")).place
        return Problem(
            at, "gpu.vram", "a shared claim tells how much it takes", "write gpu.vram, such as 6g", "gpu.vram"
        )
    if gpu.vram and gpu.count:
        cards = gpu.devices or range(len(host.gpus))
        if sum(_fits(profile, service, card) for card in cards) < gpu.count:
            at = tree.nearest(("gpu", "vram")).place
            room = spoken(max(promisable(host, card) for card in cards))
            message = f"{gpu.vram} does not fit on GPU {listing(gpu.devices)} of {host.name}"
            if not gpu.devices:
                message = f"{gpu.vram} does not fit on {gpu.count} of {host.name}'s GPUs"
            hint = f"{room} of the largest may be promised, {HEADROOM:.0%} stay free"
            return Problem(at, "gpu.vram", message, hint, "gpu.vram")
    return None


def _fits(profile: Profile, service: Service, card: int) -> bool:
    return service.gpu.vram is None or in_bytes(service.gpu.vram) <= promisable(profile.host, card)


def _still_good(profile: Profile, service: Service, before: tuple[int, ...]) -> bool:
    cards = len(profile.host.gpus)
    return len(before) == service.gpu.count and all(card < cards and _fits(profile, service, card) for card in before)


def _overfull(here: list[Profile], gpus: Mapping[tuple[str, str], tuple[int, ...]]) -> Iterator[Problem]:
    """The services of one profile always run together, so they must fit together."""
    for profile in here:
        users: defaultdict[int, list[str]] = defaultdict(list)
        for name in profile.services:
            for card in gpus[profile.name, name]:
                users[card].append(name)
        for card, names in users.items():
            services = [profile.services[name] for name in names]
            alone = [name for name in names if profile.services[name].gpu.share == "exclusive"]
            where = profile.settings[names[-1]].nearest(("gpu",)).place
            if len(names) > 1 and alone:
                message = f"{' and '.join(names)} are on GPU {card}, and {alone[0]} claims it alone"
                hint = "make the claims shared, each with its vram, or claim other GPUs"
                yield Problem(where, "gpu", message, hint, "gpu.share")
            elif len(names) > 1 and sum(in_bytes(s.gpu.vram or "0b") for s in services) > promisable(
                profile.host, card
            ):
                room = spoken(promisable(profile.host, card))
                message = f"{' and '.join(names)} promise more of GPU {card} than the {room} that may be promised"
                yield Problem(where, "gpu.vram", message, "", "gpu.vram")
