"""The hardening rules about paths: the mounts of a service, its build, and the devices of its host."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from mmcompose.core.check.rules.places import Ground, device, judged
from mmcompose.core.place.subject import Around, Breach, Subject
from mmcompose.core.place.supplies import reads_store
from mmcompose.core.read.typed import is_typed
from mmcompose.core.world import World
from mmcompose.model import Machine, Path
from mmcompose.model.paths import OURS, PRIVATE, SETTINGS, below, is_remote, of_host
from mmcompose.model.targets import TARGETS

SECRETS = "secrets"
_OURS_TO_WRITE = ("profiles", "templates", "services", ".git", PRIVATE, SETTINGS)
_GIT = re.compile(r"(?:(?:https?|ssh|git)://|git@)\S+?\.git(?:#(?P<ref>[^:]+)?(?::.*)?)?\Z")
_MOVING = re.compile(
    r"(?:refs/heads/.*|HEAD|main|master|develop|development|dev|trunk|latest|nightly)\Z", re.IGNORECASE
)
_PASSWORD = re.compile(r"://[^/\s@]*:[^/\s@]*@|https?://(?!git@)[^/\s@]+@")


class HostPlace(NamedTuple):
    """A place of the host that a service wants inside its container."""

    path: Path
    source: str
    writable: bool = False


def ground(subject: Subject, around: Around) -> Ground:
    host = subject.profile.host
    allowed = tuple(entry.path for entry in around.project.allow_links)
    return Ground(around.world, _roots(host), host.devices, allowed, _host_file(host.name, around))


def _roots(host: Machine) -> tuple[str, ...]:
    return (*host.roots, host.models) if host.models else host.roots


def _host_file(name: str, around: Around) -> str:
    """Names the file of a host, and how to make it where the host came with mmcompose."""
    tree = around.hosts.get(name)
    if tree is None:
        return "the host file"
    shipped = tree.origin.file.startswith("mmcompose:")
    return of_host(name) + (f", which `mmcompose hosts detect {name} --write` makes" if shipped else "")


def mounted(subject: Subject) -> Iterator[HostPlace]:
    for index, mount in enumerate(subject.service.mounts):
        yield HostPlace(("mounts", index), mount.source, not mount.read_only)
    weights = subject.service.weights.path
    if weights and posixpath.basename(weights.rstrip("/")) not in ("", ".", ".."):  # another check reports these
        yield HostPlace(("weights", "path"), weights)


def of_rule(rule: str, subject: Subject, around: Around) -> Iterator[Breach]:
    """Judges by one rule the mounts of a service and the roots of its host."""
    if not (subject.service.mounts or subject.service.weights.path or _roots(subject.profile.host)):
        return
    measure = ground(subject, around)
    for place in mounted(subject):
        fault = judged(place.source, measure, typed=is_typed(subject.tree, place.path))
        if fault and fault.rule == rule:
            yield place.path, fault.message, fault.hint
    for index, root in enumerate(measure.roots):
        fault = judged(root, measure._replace(roots=(root,)))
        if fault and fault.rule == rule:
            path: Path = (
                ("machine", "roots", index) if index < len(subject.profile.host.roots) else ("machine", "models")
            )
            yield path, fault.message, "name the folder of the models, no folder of the system"


def secret_files(subject: Subject, around: Around) -> Iterator[Breach]:
    measure = ground(subject, around)
    for name, secret in subject.service.secrets.items():
        path: Path = ("secrets", name, "file")
        seen = around.world.leads(secret.file)
        if seen.kind not in ("", "file"):
            kind = "device" if seen.kind in ("block", "character") else seen.kind
            yield path, f"{secret.file} is a {kind}, not a file", "name a file below secrets/"
        elif seen.real == around.world.root or not (measure.inside(seen.real) or is_typed(subject.tree, path)):
            led = "" if seen.real == secret.file else f", at {seen.real}"
            hint = "copy it to secrets/, which git ignores, and name it there"
            yield path, f"{secret.file} lies outside the project{led}", hint


def project_itself(subject: Subject, around: Around) -> Iterator[Breach]:
    """Finds mounts of the project itself: they would expose the secrets of all services, or let a container decide what
    runs."""
    places, world = list(mounted(subject)), around.world
    store = HostPlace(("machine", "models"), subject.profile.host.models or "", writable=True)
    stored = [store] if store.source and reads_store(subject.service) else []
    if not (places or stored):
        return
    root = world.root.rstrip("/")
    kept = {f"{root}/{SECRETS}", *_folders_of_secrets(subject, world)}
    rendered = [path for name in around.project.rendered_to for path in TARGETS[name].outputs]
    written = {f"{root}/{path}" for path in (*_OURS_TO_WRITE, *rendered)}
    for place in places:
        real = world.leads(place.source).real
        if any(below(each, real) or below(real, each) for each in kept) and below(real, world.root):
            yield place.path, f"{place.source} holds the secrets of the project", "mount only the folder that is needed"
        elif place.writable and below(real, world.root) and any(below(real, each) for each in written):
            hint = "mount a folder of its own, or set read_only: true"
            yield place.path, f"{place.source} decides what runs, and the container could write it", hint
    for place in stored:
        real = world.leads(place.source).real
        if below(world.root, real) or any(below(real, each) for each in kept | written):
            hint = "name a folder of its own for the models, such as /data/models"
            yield place.path, f"{place.source} belongs to the project, and what fetches weights writes there", hint


def _folders_of_secrets(subject: Subject, world: World) -> Iterator[str]:
    for secret in subject.service.secrets.values():
        real = world.leads(secret.file).real
        folder = posixpath.dirname(real)
        if below(real, world.root):
            yield real if folder == world.root else folder


def build_contexts(subject: Subject, around: Around) -> Iterator[Breach]:
    build = subject.service.build
    if subject.service.image_type != "build" or not build.context:
        return
    path: Path = ("build", "context")
    ours, remote = build.context.startswith(OURS), is_remote(build.context)
    start = "" if ours or remote else around.world.leads(build.context).real
    if start and not ground(subject, around).inside(start):
        hint = "name a folder under the project, or a git URL with #TAG or #COMMIT"
        yield path, f"{build.context} lies outside the project", hint
    elif remote and (fault := _of_remote(build.context)):
        yield path, *fault
    if build.dockerfile and _leaves(build.dockerfile, start, subject, around):
        yield ("build", "dockerfile"), f"{build.dockerfile} lies outside what is built from", "put it into the context"


def _of_remote(context: str) -> tuple[str, str] | None:
    if _PASSWORD.search(context):
        return "a secret in plain text in its address", "let git's own credentials, or a public address, serve it"
    found = _GIT.match(context)
    if found is None:
        return "is neither a folder under the project nor a git URL", "write https://…/NAME.git#TAG"
    reference = found["ref"]
    if not reference:
        return "names no tag and no commit, so the next build takes another one", "add #TAG or #COMMIT"
    if _MOVING.match(reference):
        return f"{reference} moves: the next build takes another commit", "pin it to a tag or a commit"
    return None


def _leaves(dockerfile: str, start: str, subject: Subject, around: Around) -> bool:
    if not start:
        return dockerfile.startswith("/") or posixpath.normpath(dockerfile).split("/")[0] == ".."
    return not ground(subject, around).inside(around.world.leads(dockerfile, start).real)


def devices(subject: Subject, around: Around) -> Iterator[Breach]:
    """Judges the devices of the host file, and those that the service mounts."""
    yield from of_rule("S28", subject, around)
    for index, path in enumerate(subject.profile.host.devices):
        if wrong := device(path, around.world):
            yield ("machine", "devices", index), wrong, "leave it out"
