"""Profiles in, seats out: every published port and every GPU, the same on each run.

Only declarations count, never the machine this runs on. A declared port or device wins, then what the lock remembers,
then the lowest that is free; so a new profile never moves an old one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from mmcompose.core.coexist import HEADROOM, conflict, promisable
from mmcompose.core.hints import listing
from mmcompose.core.sizes import in_bytes, spoken
from mmcompose.model import Problem, Profile, Project, Seat, Service, Setting

Seats = dict[str, dict[str, Seat]]


class Placed(NamedTuple):
    seats: Seats
    problems: list[Problem]


def place(project: Project, profiles: Mapping[str, Profile], remembered: Mapping[str, Mapping[str, Seat]]) -> Placed:
    problems: list[Problem] = []
    gpus: dict[tuple[str, str], tuple[int, ...]] = {}
    ports: dict[tuple[str, str], dict[str, int]] = {}
    for host in sorted({profile.host.name for profile in profiles.values()}):
        here = [profile for _, profile in sorted(profiles.items()) if profile.host.name == host]
        problems += _seat_gpus(here, remembered, gpus)
        problems += _seat_ports(project, here, remembered, ports)
    seats = {
        name: {service: Seat(ports[name, service], gpus[name, service]) for service in profile.services}
        for name, profile in profiles.items()
    }
    problems += _clashes(profiles, seats)
    return Placed(seats, problems)


def claims(profiles: Iterable[Profile]) -> Iterator[tuple[Profile, str, Service, Setting]]:
    for profile in profiles:
        for name, service in profile.services.items():
            yield profile, name, service, profile.settings[name]


def _seat_gpus(
    here: list[Profile], remembered: Mapping[str, Mapping[str, Seat]], gpus: dict[tuple[str, str], tuple[int, ...]]
) -> Iterator[Problem]:
    load: Counter[int] = Counter()
    waiting = []
    for profile, name, service, tree in claims(here):
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


def _seat_ports(
    project: Project,
    here: list[Profile],
    remembered: Mapping[str, Mapping[str, Seat]],
    ports: dict[tuple[str, str], dict[str, int]],
) -> Iterator[Problem]:
    declared = {port for _, _, service, _ in claims(here) for port in service.ports.values() if isinstance(port, int)}
    taken = set(declared)
    waiting = []
    low, high = _range(here[0].host.ports or project.ports)
    for profile, name, service, tree in claims(here):
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


def _clashes(profiles: Mapping[str, Profile], seats: Seats) -> Iterator[Problem]:
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
