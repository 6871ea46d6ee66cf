"""Turns a found container into the values of a profile, and says what was left out, changed or added."""

from __future__ import annotations

from typing import Any

from mmcompose.core.imports import machine, storage, weights
from mmcompose.core.imports.arguments import take_arguments
from mmcompose.core.imports.benches import take_benches
from mmcompose.core.imports.ground import ImportGround
from mmcompose.core.imports.programs import backend_of
from mmcompose.core.imports.sources.found import Found
from mmcompose.core.imports.subject import Draft
from mmcompose.core.read.documents import name_like
from mmcompose.core.resolve.images import release_in, tag_of
from mmcompose.model import Profile, labels

_STEPS = (
    frozenset({"model", "backend", "host"}),
    frozenset({"gpu", "weights"}),
    frozenset({"image", "version", "image_type", "build"}),
    frozenset[str](),
)
"""The keys of a profile, those first on which others depend; the last step has all the others."""


def draft(found: Found, ground: ImportGround, backend: str | None = None, host: str | None = None) -> Draft | None:
    """The profile of a container; None, with a remark, where no engine is known in it."""
    chosen = backend_of(found, ground, backend)
    if chosen is None:
        hint = (
            "keep it where it is: other Compose projects may join the network of a profile; --backend names an engine"
        )
        found.remarks.left_out(found.origin, found.name, "is no engine that mmcompose knows", hint)
        return None
    one = Draft(found, ground, chosen, name_like(found.labels.get(labels.PROFILE, found.name), "imported"))
    one.remarks = found.remarks
    one.put("backend", chosen, found.origin)
    take_host(one, host)
    _image(one)
    machine.take_gpus(one)
    one.base = _base(one)
    take_arguments(one)
    storage.take_environment(one)
    weights.take_model(one)
    storage.take_mounts(one)
    machine.take_ports(one)
    machine.take_values(one)
    storage.take_secrets(one)
    pruned(one)
    return one


def _base(one: Draft) -> Profile | None:
    """The profile so far. The backend's own image is left to the backend, which knows the release inside."""
    image = one.values.get(("image",))
    bare = one.ground.resolved(one.name, {path: value for path, value in one.values.items() if path != ("image",)})
    if bare is not None and (image is None or bare.services[one.name].image == image.value):
        return bare
    return one.ground.resolved(one.name, one.values)


def take_host(one: Draft, requested: str | None) -> None:
    named = requested or one.found.labels.get(labels.HOST)
    if named is None or named == one.ground.host:
        return
    if named in one.ground.documents.of("host"):
        one.put("host", named, one.found.origin)
    else:
        hint = "write profiles/hosts/… or name a host of the project with --host"
        one.remarks.left_out(one.found.origin, "host", f"the project has no host {named!r}", hint)


def _image(one: Draft) -> None:
    """A tag that moves is no release: the backend's own image is taken then."""
    image = one.found.image
    if image is None:
        return
    text = str(image.value).removeprefix("docker.io/")
    patterns = one.ground.images(one.backend)
    moving = (tag_of(pattern) or "" for pattern in patterns)
    if "@" not in text and tag_of(text) in (None, "latest", *(tag.replace("-{version}", "") for tag in moving)):
        version = one.ground.of_backend(one.backend, "version")
        hint = f"the backend's release {version.value} is taken" if version else "write image: with a tag"
        one.remarks.changed(image.origin, "image", f"{text} is whatever was pulled last", hint)
        return
    one.put("image", text, image.origin)
    if one.ours or any(path[0] == "build" for path in one.found.values):
        return
    if "@" not in text and release_in(text, patterns) is None:
        hint = "write engine_version: beside it, if you know the release inside"
        one.remarks.changed(image.origin, "image", f"{text} names no release, so flags are not checked for one", hint)


def pruned(one: Draft) -> None:
    """Leaves out values that the project has anyway, and reports what the project adds.

    Step by step, since values follow from others: the image from the GPUs, and limits from the model.
    """
    base: Profile | None = None
    known: frozenset[str] = frozenset()
    for keys in _STEPS:
        base = one.ground.resolved(one.name, {path: value for path, value in one.values.items() if path[0] in known})
        if base is not None:
            tree = base.settings[one.name]
            for path, value in list(one.values.items()):
                there = tree.present(path)
                mine = path[0] in keys or (not keys and path[0] not in known)
                if mine and there is not None and _same(there.plain(), value.value):
                    del one.values[path]
        known |= keys
    if base is not None:
        _added(one, base)
        take_benches(one, base)


def _same(there: Any, value: Any) -> bool:
    return there == value and isinstance(there, bool) == isinstance(value, bool)


def _added(one: Draft, base: Profile) -> None:
    tree = base.settings[one.name]
    present = {str(path[1]) for path in one.values if path[0] == "args"} | one.seen
    for name in sorted(base.services[one.name].args):
        if name not in present:
            setting = tree.at(("args", name))
            where = f" by {setting.place}" if setting else ""
            hint = f"args: {{{name}: null}} takes it away"
            one.remarks.changed(one.found.origin, f"args.{name}", f"is added{where}; the source does not have it", hint)
