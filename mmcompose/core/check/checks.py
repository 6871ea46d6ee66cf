"""Lists every check of resolved profiles; each takes one service and yields its Problems."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mmcompose.core.check import arguments, durations, needs, reasons, slips
from mmcompose.core.check import benchmarks as check_bench
from mmcompose.core.check.rules import catalogue
from mmcompose.core.hints import nearest
from mmcompose.core.place.coexist import declared_memory
from mmcompose.core.place.subject import Around, Subject, subjects
from mmcompose.core.place.surroundings import place_of
from mmcompose.core.resolve import runs_on
from mmcompose.core.resolve.doubts import credible
from mmcompose.core.resolve.known_bad import facts
from mmcompose.core.sizes import in_bytes, spoken
from mmcompose.engines.configs import CONFIGS
from mmcompose.engines.known.benchmarks import beside
from mmcompose.model import ENGINE, MACHINE, Path, Problem, Profile, dotted


class Check(NamedTuple):
    """One check, and the values that it reads beside the setting that it reports: if one is in doubt, the check is
    skipped."""

    judge: Callable[[Subject, Around], Iterator[Problem]]
    looks_at: tuple[str, ...] = ()


def profile(whole: Profile, around: Around) -> Iterator[Problem]:
    for subject in subjects([whole]):
        doubt = whole.doubts.get(subject.name)
        for check in CHECKS:
            found = check.judge(subject, around)
            yield from found if doubt is None else credible(found, doubt, subject.tree, check.looks_at)
    if not any(doubt.about((MACHINE,)) for doubt in whole.doubts.values()):
        yield from runs_on.check(whole)
    if not whole.doubts:
        yield from _envelope(whole)
        yield from _memory_together(whole)


OF_TWO = ("duplicate", "ports", "ports.clash")
"""Rules of problems between two profiles: one stands at one of them, and concerns both."""


def stack(profiles: Mapping[str, Profile]) -> Iterator[Problem]:
    """Finds names that two profiles give to different things: Compose refuses them in one project."""
    holders: dict[tuple[str, str], str] = {}
    for subject in subjects(profiles.values()):
        mine = subject.profile.name
        for path, kind, full in (*_names(subject), *_chosen_by(subject.profile)):
            other = holders.setdefault((kind, full), mine)
            if other != mine:
                message = f"{other} and {mine} would both have a {kind} {full!r}"
                yield subject.problem(path, message, "rename one of them", "duplicate")


_ITSELF: Path = ("services",)


def _chosen_by(whole: Profile) -> Iterator[tuple[Path, str, str]]:
    """Yields the names that `docker compose --profile` accepts."""
    yield _ITSELF, "profile", whole.name
    for index, name in enumerate(whole.also_called):
        yield ("also_called", index), "profile", str(name.value)
    if any(service.bench for service in whole.services.values()):
        yield ("bench",), "profile", f"bench-{whole.name}"


def _names(subject: Subject) -> Iterator[tuple[Path, str, str]]:
    """Yields the Compose names of one service and of everything that it brings."""
    name = subject.profile.compose_name(subject.name)
    yield _ITSELF, "service", name
    yield _ITSELF, "service", f"own-{name}"
    yield _ITSELF, "service", f"fetch-{name}"
    for kind in beside(subject.service):
        yield ("bench",), "service", f"{name}-bench-{kind.name}"
    yield _ITSELF, "container", name
    yield _ITSELF, "container", f"{name}-own"
    yield _ITSELF, "container", f"{name}-fetch"
    for cache in subject.service.caches:
        yield ("caches", cache), "volume", f"{name}-{cache}"
    for secret in subject.service.secrets:
        yield ("secrets", secret), "secret", f"{name}-{secret}"


def _envelope(whole: Profile) -> Iterator[Problem]:
    """Finds measured values that belong to another image than the service's."""
    measured = whole.envelope
    if measured is None:
        return
    key = measured.service or next(iter(whole.services))
    if key not in whole.services:
        hint = nearest(key, whole.services)
        yield Problem(measured.origin, "envelope.service", f"no service {key!r}", hint, "envelope")
        return
    now = whole.services[key].image or ""
    name, _, digest = now.partition("@")
    moved = f"{measured.image} was measured, it is {now} now" if name != measured.image.partition("@")[0] else ""
    if digest and measured.digest and digest != measured.digest:
        moved = f"{measured.digest[:19]} was measured, it is {digest[:19]} now"
    if moved:
        hint = f"measure again: mmcompose bench run {whole.name} {measured.kind}, then mmcompose bench promote"
        yield Problem(measured.origin, "envelope.image", moved, hint, "envelope", "warning")


def _memory_together(whole: Profile) -> Iterator[Problem]:
    total, host = declared_memory(whole), whole.host
    if len(whole.services) > 1 and total > in_bytes(host.memory):
        last = list(subjects([whole]))[-1]
        message = f"the services together may take {spoken(total)}, {host.name} has {host.memory}"
        yield last.problem(("resources", "memory"), message, "lower one of the limits", "memory", "warning")


def _known_bad(subject: Subject, _: Around) -> Iterator[Problem]:
    """Reports combinations that are known not to work. An error makes a warning about the same setting superfluous."""
    tree = subject.tree
    found = [fact for fact in facts(tree, subject.engine, subject.profile.host) if not fact.kept_to(tree)]
    refused = {fact.path for fact in found if fact.severity == "error"}
    for fact in found:
        if fact.severity == "error" or fact.path not in refused:
            at = fact.spoken_of(tree)
            yield subject.problem(fact.path, fact.message, fact.hint, "known-bad", fact.severity, at=at)


def _configs(subject: Subject, _: Around) -> Iterator[Problem]:
    """Checks the settings from which mmcompose writes an engine's configuration files."""
    if not subject.engine.configs:
        return
    configs = CONFIGS[subject.engine.configs]
    for fault in configs.check(subject.service, place_of(subject.service, subject.engine, subject.profile.host)):
        path = configs.where(fault.path)
        yield subject.problem(path, fault.message, fault.hint, fault.rule, fault.severity)


def _ports(subject: Subject, _: Around) -> Iterator[Problem]:
    inside = subject.service.listen
    for port in subject.service.ports:
        if port not in inside:
            hint = nearest(port, inside, "the container listens on: ")
            yield subject.problem(("ports", port), "is not a port inside the container", hint, "ports.name")


def _cpus(subject: Subject, _: Around) -> Iterator[Problem]:
    requested, host = subject.service.resources.cpus, subject.profile.host
    if requested and requested > host.cores:
        message = f"must be at most {host.cores}, the cores of {host.name}, not {requested}"
        yield subject.problem(("resources", "cpus"), message, f"write {host.cores}: Compose refuses more", "cpus")


def _sizes(subject: Subject, _: Around) -> Iterator[Problem]:
    """Finds a limit above the machine's memory, which limits nothing."""
    service, host = subject.service, subject.profile.host
    places: list[tuple[Path, str | None]] = [(("tmpfs", target), size) for target, size in service.tmpfs.items()]
    places += [(("resources", "memory"), service.resources.memory)]
    places += [(("resources", "shm_size"), service.resources.shm_size)]
    for path, size in places:
        if size is not None and in_bytes(size) > in_bytes(host.memory):
            message = f"must be at most {host.memory}, the memory of {host.name}, not {size}"
            yield subject.problem(path, message, "write a smaller size", "memory")


def _targets(subject: Subject, _: Around) -> Iterator[Problem]:
    """Finds two things at one path inside the container, which Compose refuses."""
    service = subject.service
    taken: dict[str, Path] = {}
    places: list[tuple[Path, str]] = [(("tmpfs", target), target) for target in service.tmpfs]
    places += [(("caches", cache), target) for cache, target in service.caches.items()]
    places += [(("mounts", index), mount.target) for index, mount in enumerate(service.mounts)]
    for path, target in places:
        other = taken.setdefault(posixpath.normpath(target), path)
        if other != path:
            yield subject.problem(path, f"{target} is taken by {dotted(other)}", "choose another path", "target")


def _served_names(subject: Subject, _: Around) -> Iterator[Problem]:
    """Finds a served name that the engine cannot use, so that no client would reach the model under it."""
    own = subject.service.weights.repo
    if subject.engine.fixed_name and subject.service.served_name not in (None, own):
        message = f"{subject.engine.title} serves a model under its repository's name only"
        yield subject.problem(("served_name",), message, f"write served_name: {own or 'null'}", "served_name")


def _weights(subject: Subject, _: Around) -> Iterator[Problem]:
    engine, weights = subject.engine, subject.service.weights
    if not engine.formats:
        return
    if not (weights.repo or weights.url or weights.path):
        hint = "name a model:, or weights.repo or weights.path"
        yield subject.problem(("weights",), "the service has no model to load", hint, "weights", at=("model",))
    elif weights.path and posixpath.basename(weights.path.rstrip("/")) in ("", ".", ".."):
        message = f"{weights.path!r} does not end in a name"
        yield subject.problem(("weights", "path"), message, "name the file or folder of the model", "weights.path")
    elif weights.format and weights.format not in engine.formats:
        message, hint = f"{engine.title} does not load {weights.format}", f"it loads {', '.join(engine.formats)}"
        yield subject.problem(("weights", "format"), message, hint, "weights.format")
    elif weights.format == "gguf" and weights.repo and not weights.path and not weights.file:
        message, at = "must name the file to load from the repository", ("weights", "repo")
        yield subject.problem(("weights", "file"), message, "name one .gguf file", "weights.file", at=at)


_LOADED = ("model", "weights")

CHECKS: Sequence[Check] = (
    Check(catalogue.check),
    Check(needs.check, (f"{ENGINE}.needs", "needs", "image", "version", "engine_version")),
    Check(
        _known_bad,
        (MACHINE, ENGINE, *_LOADED, "image", "version", "engine_version", "args", "env", "gpu", "resources"),
    ),
    Check(arguments.unchecked, (f"{ENGINE}.history", f"{ENGINE}.rendered_args")),
    Check(arguments.checked, (f"{ENGINE}.history", f"{ENGINE}.rendered_args", "engine_version")),
    Check(arguments.unread, (f"{ENGINE}.history", f"{ENGINE}.rendered_args", "engine_version")),
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
