"""Lists every check of resolved profiles; each takes one service and yields its Problems."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mmcompose.core.check import benchmarks as check_bench
from mmcompose.core.check import durations, known_bad, needs, reasons, slips, unchecked, unread
from mmcompose.core.check.rules import catalogue
from mmcompose.core.hints import nearest
from mmcompose.core.place.coexist import declared_memory
from mmcompose.core.place.facts import place_of
from mmcompose.core.place.subject import Around, Claim, claims
from mmcompose.core.resolve import runs_on
from mmcompose.core.resolve.doubts import credible
from mmcompose.core.sizes import in_bytes, spoken
from mmcompose.engines.configs import CONFIGS
from mmcompose.engines.flags.check import check as check_flags
from mmcompose.engines.known.benchmarks import beside
from mmcompose.model import ENGINE, MACHINE, Path, Problem, Profile, dotted


class Check(NamedTuple):
    """One check, and the values that it reads beside the setting that it reports: if one is in doubt, the check is
    skipped."""

    judge: Callable[[Claim, Around], Iterator[Problem]]
    looks_at: tuple[str, ...] = ()


def profile(subject: Profile, around: Around) -> Iterator[Problem]:
    for claim in claims([subject]):
        doubt = subject.doubts.get(claim.name)
        for check in CHECKS:
            found = check.judge(claim, around)
            yield from found if doubt is None else credible(found, doubt, claim.tree, check.looks_at)
    if not any(doubt.about((MACHINE,)) for doubt in subject.doubts.values()):
        yield from runs_on.check(subject)
    if not subject.doubts:
        yield from _envelope(subject)
        yield from _memory_together(subject)


def stack(profiles: Mapping[str, Profile]) -> Iterator[Problem]:
    """Finds names that two profiles give to different things: Compose refuses them in one project."""
    holders: dict[tuple[str, str], str] = {}
    for claim in claims(profiles.values()):
        mine = claim.profile.name
        for path, kind, full in (*_names(claim), *_chosen_by(claim.profile)):
            other = holders.setdefault((kind, full), mine)
            if other != mine:
                message = f"{other} and {mine} would both have a {kind} {full!r}"
                yield claim.problem(path, message, "rename one of them", "duplicate")


_ITSELF: Path = ("services",)


def _chosen_by(subject: Profile) -> Iterator[tuple[Path, str, str]]:
    """Yields the names that `docker compose --profile` accepts."""
    yield _ITSELF, "profile", subject.name
    for index, name in enumerate(subject.also_called):
        yield ("also_called", index), "profile", str(name.value)
    if any(service.bench for service in subject.services.values()):
        yield ("bench",), "profile", f"bench-{subject.name}"


def _names(claim: Claim) -> Iterator[tuple[Path, str, str]]:
    """Yields the Compose names of one service and of everything that it brings."""
    name = claim.profile.compose_name(claim.name)
    yield _ITSELF, "service", name
    yield _ITSELF, "service", f"own-{name}"
    for kind in beside(claim.service):
        yield ("bench",), "service", f"{name}-bench-{kind.name}"
    yield _ITSELF, "container", name
    yield _ITSELF, "container", f"{name}-own"
    for cache in claim.service.caches:
        yield ("caches", cache), "volume", f"{name}-{cache}"
    for secret in claim.service.secrets:
        yield ("secrets", secret), "secret", f"{name}-{secret}"


def _envelope(subject: Profile) -> Iterator[Problem]:
    """Finds measured values that belong to another image than the service's."""
    measured = subject.envelope
    if measured is None:
        return
    key = measured.service or next(iter(subject.services))
    if key not in subject.services:
        hint = nearest(key, subject.services)
        yield Problem(measured.origin, "envelope.service", f"no service {key!r}", hint, "envelope")
        return
    now = subject.services[key].image or ""
    name, _, digest = now.partition("@")
    moved = f"{measured.image} was measured, it is {now} now" if name != measured.image.partition("@")[0] else ""
    if digest and measured.digest and digest != measured.digest:
        moved = f"{measured.digest[:19]} was measured, it is {digest[:19]} now"
    if moved:
        hint = f"measure again: mmcompose bench run {subject.name} {measured.kind}, then mmcompose bench promote"
        yield Problem(measured.origin, "envelope.image", moved, hint, "envelope", "warning")


def _memory_together(subject: Profile) -> Iterator[Problem]:
    total, host = declared_memory(subject), subject.host
    if len(subject.services) > 1 and total > in_bytes(host.memory):
        last = list(claims([subject]))[-1]
        message = f"the services together may take {spoken(total)}, {host.name} has {host.memory}"
        yield last.problem(("resources", "memory"), message, "lower one of the limits", "memory", "warning")


def _written_by_us(claim: Claim, _: Around) -> Iterator[Problem]:
    for argument in claim.engine.rendered_args:
        if argument in claim.service.unchecked_args:
            message = "mmcompose writes this flag itself"
            yield claim.problem(("unchecked_args", argument), message, "remove it here", "flag-duplicate")


def _flags(claim: Claim, around: Around) -> Iterator[Problem]:
    service, engine = claim.service, claim.engine
    if not engine.history or not service.args:
        return
    for fault in check_flags(around.histories(engine.history), service.release, service.args, engine.rendered_args):
        path: Path = ("args", *fault.path) if fault.path else ("version",)
        yield claim.problem(path, fault.message, fault.hint, fault.rule, fault.severity)


def _configs(claim: Claim, _: Around) -> Iterator[Problem]:
    """Checks the settings from which mmcompose writes an engine's configuration files."""
    if not claim.engine.configs:
        return
    configs = CONFIGS[claim.engine.configs]
    for fault in configs.check(claim.service, place_of(claim.service, claim.profile.host)):
        path = configs.where(fault.path)
        yield claim.problem(path, fault.message, fault.hint, fault.rule, fault.severity)


def _ports(claim: Claim, _: Around) -> Iterator[Problem]:
    inside = claim.service.listen
    for port in claim.service.ports:
        if port not in inside:
            hint = nearest(port, inside, "the container listens on: ")
            yield claim.problem(("ports", port), "is not a port inside the container", hint, "ports.name")


def _cpus(claim: Claim, _: Around) -> Iterator[Problem]:
    requested, host = claim.service.resources.cpus, claim.profile.host
    if requested and requested > host.cores:
        message = f"must be at most {host.cores}, the cores of {host.name}, not {requested}"
        yield claim.problem(("resources", "cpus"), message, f"write {host.cores}: Compose refuses more", "cpus")


def _sizes(claim: Claim, _: Around) -> Iterator[Problem]:
    """Finds a limit above the machine's memory, which limits nothing."""
    service, host = claim.service, claim.profile.host
    places: list[tuple[Path, str | None]] = [(("tmpfs", target), size) for target, size in service.tmpfs.items()]
    places += [(("resources", "memory"), service.resources.memory)]
    places += [(("resources", "shm_size"), service.resources.shm_size)]
    for path, size in places:
        if size is not None and in_bytes(size) > in_bytes(host.memory):
            message = f"must be at most {host.memory}, the memory of {host.name}, not {size}"
            yield claim.problem(path, message, "write a smaller size", "memory")


def _targets(claim: Claim, _: Around) -> Iterator[Problem]:
    """Finds two things at one path inside the container, which Compose refuses."""
    service = claim.service
    taken: dict[str, Path] = {}
    places: list[tuple[Path, str]] = [(("tmpfs", target), target) for target in service.tmpfs]
    places += [(("caches", cache), target) for cache, target in service.caches.items()]
    places += [(("mounts", index), mount.target) for index, mount in enumerate(service.mounts)]
    for path, target in places:
        other = taken.setdefault(posixpath.normpath(target), path)
        if other != path:
            yield claim.problem(path, f"{target} is taken by {dotted(other)}", "choose another path", "target")


def _served_names(claim: Claim, _: Around) -> Iterator[Problem]:
    """Finds a served name that the engine cannot use, so that no client would reach the model under it."""
    own = claim.service.weights.repo
    if claim.engine.fixed_name and claim.service.served_name not in (None, own):
        message = f"{claim.engine.title} serves a model under its repository's name only"
        yield claim.problem(("served_name",), message, f"write served_name: {own or 'null'}", "served_name")


def _weights(claim: Claim, _: Around) -> Iterator[Problem]:
    engine, weights = claim.engine, claim.service.weights
    if not engine.formats:
        return
    if not weights.repo and not weights.path:
        hint = "name a model:, or weights.repo or weights.path"
        yield claim.problem(("weights",), "the service has no model to load", hint, "weights", at=("model",))
    elif weights.path and posixpath.basename(weights.path.rstrip("/")) in ("", ".", ".."):
        message = f"{weights.path!r} does not end in a name"
        yield claim.problem(("weights", "path"), message, "name the file or folder of the model", "weights.path")
    elif weights.format and weights.format not in engine.formats:
        message, hint = f"{engine.title} does not load {weights.format}", f"it loads {', '.join(engine.formats)}"
        yield claim.problem(("weights", "format"), message, hint, "weights.format")
    elif weights.format == "gguf" and weights.repo and not weights.path and not weights.file:
        message, at = "must name the file to load from the repository", ("weights", "repo")
        yield claim.problem(("weights", "file"), message, "name one .gguf file", "weights.file", at=at)


_LOADED = ("model", "weights")

CHECKS: Sequence[Check] = (
    Check(catalogue.check),
    Check(needs.check, (f"{ENGINE}.needs", "needs", "image", "version", "engine_version")),
    Check(
        known_bad.check,
        (MACHINE, ENGINE, *_LOADED, "image", "version", "engine_version", "args", "env", "gpu", "resources"),
    ),
    Check(_written_by_us, (f"{ENGINE}.rendered_args",)),
    Check(unchecked.check, (f"{ENGINE}.history",)),
    Check(_flags, (f"{ENGINE}.history", f"{ENGINE}.rendered_args", "engine_version")),
    Check(unread.check, (f"{ENGINE}.history", f"{ENGINE}.rendered_args", "engine_version")),
    Check(_ports, (f"{ENGINE}.listen", "listen")),
    Check(slips.nothing_set),
    Check(slips.no_such_day),
    Check(slips.no_digest),
    Check(slips.other_tag, (MACHINE, f"{ENGINE}.images", "image", "images", "gpu")),
    Check(_cpus, (MACHINE,)),
    Check(_sizes, (MACHINE,)),
    Check(durations.check),
    Check(_weights, (f"{ENGINE}.formats", *_LOADED)),
    Check(_served_names, (f"{ENGINE}.fixed_name", *_LOADED)),
    Check(_targets),
    Check(_configs, (f"{ENGINE}.configs", *_LOADED, "graph", "zoo", "listen", "image", "version")),
    Check(check_bench.check, (f"{ENGINE}.history", f"{ENGINE}.probe")),
    Check(reasons.check),
)
"""All checks. An unknown backend puts all facts of its engine in doubt; a fault in its file only the faulty fact."""
