"""All that can be wrong with resolved profiles: a literal list of checks, each a function from facts to Problems."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from mmcompose.core import bench, needs, reasons, rules
from mmcompose.core.hints import nearest
from mmcompose.core.reasons import to_path
from mmcompose.core.sizes import in_bytes
from mmcompose.core.view import Histories, place_of
from mmcompose.engines.configs import CONFIGS
from mmcompose.engines.flags import check as check_flags
from mmcompose.model import Path, Problem, Profile, Project, Service, dotted


def profile(subject: Profile, project: Project, histories: Histories) -> Iterator[Problem]:
    yield from rules.check(subject, project)
    yield from needs.check(subject)
    yield from _flags(subject, histories)
    yield from _ports(subject)
    yield from _cpus(subject)
    yield from _sizes(subject)
    yield from _weights(subject)
    yield from _served_names(subject)
    yield from _targets(subject)
    yield from _configs(subject)
    yield from bench.check(subject, histories)
    yield from _envelope(subject)
    for tree in subject.settings.values():
        yield from reasons.check(tree)


def stack(profiles: Mapping[str, Profile]) -> Iterator[Problem]:
    """Names meet in one Compose project, which refuses two things of one name."""
    holders: dict[tuple[str, str], str] = {}
    for name, subject in sorted(profiles.items()):
        for service in subject.services:
            named = _names(subject.compose_name(service), subject.services[service])
            for path, kind, full in (*named, *_chosen_by(name, subject)):
                other = holders.setdefault((kind, full), name)
                if other != name:
                    message = f"{other} and {name} would both have a {kind} {full!r}"
                    where = subject.settings[service].nearest(path).place
                    yield Problem(where, dotted(path) or "services", message, "rename one of them", "duplicate")


def _chosen_by(name: str, subject: Profile) -> Iterator[tuple[Path, str, str]]:
    """What `docker compose --profile` takes."""
    yield (), "profile", name
    if any(service.bench for service in subject.services.values()):
        yield ("bench",), "profile", f"bench-{name}"


def _names(name: str, service: Service) -> Iterator[tuple[Path, str, str]]:
    """What one service is called in Compose, and everything that it brings."""
    yield (), "service", name
    yield (), "service", f"own-{name}"
    for kind in bench.of(service):
        yield ("bench",), "service", f"{name}-bench-{kind}"
    yield (), "container", name
    yield (), "container", f"{name}-own"
    for cache in service.caches:
        yield ("caches", cache), "volume", f"{name}-{cache}"
    for secret in service.secrets:
        yield ("secrets", secret), "secret", f"{name}-{secret}"


def _flags(subject: Profile, histories: Histories) -> Iterator[Problem]:
    for name, service in subject.services.items():
        engine, tree = subject.engines[name], subject.settings[name]
        for argument in set(service.unchecked_args).intersection(engine.rendered_args):
            path: Path = ("unchecked_args", argument)
            message = "mmcompose writes this flag itself"
            yield Problem(tree.nearest(path).place, dotted(path), message, "remove it here", "flag-duplicate")
        if not engine.history or not service.args:
            continue
        for fault in check_flags(histories(engine.history), service.release, service.args, engine.rendered_args):
            path = ("args", *fault.path) if fault.path else ("version",)
            at = tree.nearest(path)
            yield Problem(at.place, dotted(path), fault.message, fault.hint, fault.rule, fault.severity)


def _envelope(subject: Profile) -> Iterator[Problem]:
    """What was measured holds for the image that it was measured on."""
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


def _configs(subject: Profile) -> Iterator[Problem]:
    """The settings from which an engine's configuration files are written."""
    for name, service in subject.services.items():
        engine, tree = subject.engines[name], subject.settings[name]
        if not engine.configs:
            continue
        configs = CONFIGS[engine.configs]
        for fault in configs.check(service, place_of(service, subject.host)):
            path = to_path(configs.where(fault.path))
            at = tree.nearest(path)
            yield Problem(at.place, dotted(path), fault.message, fault.hint, fault.rule, fault.severity)


def _ports(subject: Profile) -> Iterator[Problem]:
    for name, service in subject.services.items():
        tree = subject.settings[name]
        for port in service.ports:
            if port not in service.listen:
                at = tree.nearest(("ports", port))
                hint = nearest(port, service.listen, "it listens on: ")
                yield Problem(at.place, f"ports.{port}", "no such port inside the container", hint, "ports.name")


def _cpus(subject: Profile) -> Iterator[Problem]:
    for name, service in subject.services.items():
        if service.resources.cpus and service.resources.cpus > subject.host.cores:
            at = subject.settings[name].nearest(("resources", "cpus"))
            message = f"{service.resources.cpus} asked for, {subject.host.name} has {subject.host.cores}"
            yield Problem(at.place, "resources.cpus", message, "Compose refuses more than there are", "cpus")


def _sizes(subject: Profile) -> Iterator[Problem]:
    """A limit above the machine's memory limits nothing."""
    host = subject.host
    for name, service in subject.services.items():
        places: list[tuple[Path, str | None]] = [(("tmpfs", target), size) for target, size in service.tmpfs.items()]
        places += [(("resources", "memory"), service.resources.memory)]
        places += [(("resources", "shm_size"), service.resources.shm_size)]
        for path, size in places:
            if size is not None and in_bytes(size) > in_bytes(host.memory):
                at = subject.settings[name].nearest(path)
                message = f"{size} asked for, {host.name} has {host.memory}"
                yield Problem(at.place, dotted(path), message, "write a size below that", "memory")


def _targets(subject: Profile) -> Iterator[Problem]:
    """Two things at one path inside the container: Compose refuses them."""
    for name, service in subject.services.items():
        taken: dict[str, str] = {}
        places: list[tuple[Path, str]] = [(("tmpfs", target), target) for target in service.tmpfs]
        places += [(("caches", cache), target) for cache, target in service.caches.items()]
        places += [(("mounts", index), mount.target) for index, mount in enumerate(service.mounts)]
        for path, target in places:
            other = taken.setdefault(posixpath.normpath(target), dotted(path))
            if other != dotted(path):
                at = subject.settings[name].nearest(path)
                yield Problem(at.place, dotted(path), f"{target} is taken by {other}", "choose another path", "target")


def _served_names(subject: Profile) -> Iterator[Problem]:
    """A name that the engine cannot give would be asked for in vain."""
    for name, service in subject.services.items():
        engine, tree = subject.engines[name], subject.settings[name]
        if engine.fixed_name and service.served_name not in (None, service.weights.repo):
            message = f"{engine.title} serves a model under its repository's name only"
            at = tree.nearest(("served_name",))
            yield Problem(
                at.place, "served_name", message, f"write served_name: {service.weights.repo or 'null'}", "served_name"
            )


def _weights(subject: Profile) -> Iterator[Problem]:
    for name, service in subject.services.items():
        engine, weights, tree = subject.engines[name], service.weights, subject.settings[name]
        if not engine.formats:
            continue
        if not weights.repo and not weights.path:
            at = tree.nearest(("model",))
            yield Problem(
                at.place, "weights", "nothing to load", "name a model:, or weights.repo or weights.path", "weights"
            )
        elif weights.path and posixpath.basename(weights.path.rstrip("/")) in ("", ".", ".."):
            at = tree.nearest(("weights", "path"))
            message = f"{weights.path!r} does not end in a name"
            yield Problem(at.place, "weights.path", message, "name the file or folder of the model", "weights.path")
        elif weights.format and weights.format not in engine.formats:
            at = tree.nearest(("weights", "format"))
            message = f"{engine.title} does not load {weights.format}"
            yield Problem(
                at.place, "weights.format", message, f"it loads {', '.join(engine.formats)}", "weights.format"
            )
        elif weights.format == "gguf" and weights.repo and not weights.path and not weights.file:
            at = tree.nearest(("weights", "repo"))
            yield Problem(
                at.place, "weights.file", "which file of the repository?", "name one .gguf file", "weights.file"
            )
