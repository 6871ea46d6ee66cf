"""What follows from a service's settings and its host: each step reads the tree and puts a value into it.

A derived value keeps the origin of the setting that decided it, so that `explain` still points to a line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from mmcompose.core.fold import fold, put
from mmcompose.core.follows import follows
from mmcompose.core.hints import listing
from mmcompose.core.images import decided_by_version, filled, named_above_build, named_with_build, release_in
from mmcompose.core.reasons import to_path
from mmcompose.core.sizes import part_of
from mmcompose.model import Engine, Machine, Path, Problem, Setting

OURS = "mmcompose:"
"""A build context that comes with the templates: `mmcompose:rapidocr` is templates/rapidocr."""


class Context(NamedTuple):
    """What a derivation may look at beside the tree."""

    layers: Sequence[Setting]
    engine: Engine
    machine: Machine
    contexts: Mapping[str, str]
    """The content hash of each build folder that comes with the templates, by backend."""


class Derived(NamedTuple):
    tree: Setting
    problems: list[Problem]


Step = Callable[[Setting, Context], "Setting | Problem"]


def derive(tree: Setting, context: Context) -> Derived:
    problems = []
    for step in STEPS:
        outcome = step(tree, context)
        if isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            tree = outcome
    return Derived(tree, problems)


def cards(tree: Setting, context: Context) -> Setting | Problem:
    """`all` is the number of GPUs that the host file names; none of them is the CPU."""
    count = tree.at(("gpu", "count"))
    if count is None or count.value != "all":
        return tree
    return _put(tree, ("gpu", "count"), len(context.machine.gpus), count)


def accelerator(tree: Setting, context: Context) -> str:
    count = tree.at(("gpu", "count"))
    return context.machine.accelerator_for(count.value if count is not None else 0)


def supported(tree: Setting, context: Context) -> Setting | Problem:
    """The engine must run on what the service asks for."""
    kind = accelerator(tree, context)
    if kind in context.engine.accelerators:
        return tree
    where = tree.nearest(("gpu", "count"))
    message = f"{context.engine.title} does not run on {kind}"
    hint = f"it runs on {listing(context.engine.accelerators)}; this host is {context.machine.name}"
    return Problem(where.place, "backend", message, hint, "accelerator")


def release(tree: Setting, context: Context) -> Setting | Problem:
    """`image` and `version` made to agree: see images.py for who decides."""
    image, version = tree.at(("image",)), tree.at(("version",))
    patterns = tree.at(("images",))
    known = patterns.plain() if patterns else {}
    if decided_by_version(context.layers) and version is not None and version.value is not None:
        pattern = tree.at(("images", accelerator(tree, context)))
        if pattern is None or pattern.value is None:
            return tree
        return _put(tree, ("image",), filled(pattern.value, version.value), version)
    if image is None or image.value is None:
        return tree
    named = tree.at(("engine_version",))
    found = named.value if named else release_in(image.value, known.values())
    if found is not None:
        return _put(tree, ("version",), found, image)
    return _put(tree, ("version",), None, image)


def taken(tree: Setting, context: Context) -> Setting | Problem:
    """An image named above the wish to build is taken as it is: nothing is built."""
    kind, image = tree.at(("image_type",)), tree.at(("image",))
    if kind is None or kind.value != "build" or image is None or not named_above_build(context.layers):
        return tree
    return _put(tree, ("image_type",), "prebuilt", image)


def build(tree: Setting, context: Context) -> Setting | Problem:
    """With `image_type: build`, the build of this accelerator, its `{version}` filled, under a local image name."""
    kind = tree.at(("image_type",))
    if kind is None or kind.value != "build":
        return tree
    name = accelerator(tree, context)
    chosen = tree.at(("builds", name))
    where = tree.at(("build", "context"))
    if chosen is not None and chosen.value is not None and (where is None or where.value is None):
        own = tree.at(("build",))
        tree = put(tree, ("build",), fold([chosen, own]) if own and own.value is not None and not where else chosen)
        where = tree.at(("build", "context"))
    if where is None or where.value is None:
        message = f"{context.engine.title} cannot be built for {name}"
        return Problem(
            kind.origin, "image_type", message, "write `build:` with a context, or use image_type: prebuilt", "build"
        )
    if where.value.startswith(OURS):
        content = context.contexts.get(where.value.removeprefix(OURS))
        if content is None:
            hint = f"known: {listing(sorted(context.contexts))}"
            return Problem(where.origin, "build.context", f"no build folder {where.value!r}", hint, "build")
        return _put(tree, ("image",), f"mmcompose/{context.engine.name}:{content[:12]}", where)
    version = tree.at(("version",))
    if version is None or version.value is None:
        if "{version}" in where.value:
            hint = "set version: to a tag or a commit"
            return Problem(kind.origin, "version", "a build needs the version that it builds", hint, "build")
        return tree
    for path, leaf in list(tree.nearest(("build",)).leaves(("build",))):
        if isinstance(leaf.value, str) and "{version}" in leaf.value:
            tree = put(tree, path, leaf._replace(value=filled(leaf.value, version.value), overrode=()))
    if decided_by_version(context.layers) or not named_with_build(context.layers):
        local = f"mmcompose/{context.engine.name}:{name}-{version.value}"
        tree = _put(tree, ("image",), local, version)
    return tree


def derived(tree: Setting, context: Context) -> Setting | Problem:
    """Values that follow from the host and the claim, where nobody has set them."""
    rules = tree.at(("derived",))
    for name, rule in (rules.value if rules is not None and rules.value else {}).items():
        path = to_path(name)
        if rule.value is None or tree.at(path) is not None:
            continue
        value = follows(rule.value, tree, context.machine)
        if value is not None:
            tree = put(tree, path, Setting(value, rule.origin, rule.key))
    return tree


def memory(tree: Setting, context: Context) -> Setting | Problem:
    """`85%` is a part of the host's memory."""
    limit = tree.at(("resources", "memory"))
    if limit is None or limit.value is None or not limit.value.endswith("%"):
        return tree
    return _put(tree, ("resources", "memory"), part_of(limit.value, context.machine.memory), limit)


def user(tree: Setting, context: Context) -> Setting | Problem:
    """`host` is the uid and gid that the host file names."""
    who = tree.at(("security", "user"))
    if who is None or who.value != "host":
        return tree
    return _put(tree, ("security", "user"), f"{context.machine.uid}:{context.machine.gid}", who)


STEPS: Sequence[Step] = (cards, supported, release, taken, build, derived, memory, user)


def _put(tree: Setting, path: Path, value: object, because: Setting) -> Setting:
    return put(tree, path, Setting(value, because.origin, because.key))
