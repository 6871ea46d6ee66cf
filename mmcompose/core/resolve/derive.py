"""Derives what follows from a service's settings and its host: each step reads the tree and puts a value into it.

A derived value keeps the origin of the setting that decided it, so that `explain` still points to a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mmcompose.core.hints import listing
from mmcompose.core.read.adhoc import gguf_name
from mmcompose.core.resolve import builds, known_bad
from mmcompose.core.resolve.fold import put
from mmcompose.core.resolve.follows import follows
from mmcompose.core.resolve.images import decided_by_version, filled, named_above_build, release_in
from mmcompose.core.resolve.step import Context, Step
from mmcompose.core.sizes import part_of
from mmcompose.model import Problem, Setting, parse_path
from mmcompose.model.paths import below


class Derived(NamedTuple):
    tree: Setting
    problems: list[Problem]


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
    """Puts the number of the host's GPUs in the place of `all`; 0 means the CPU."""
    count = tree.at(("gpu", "count"))
    if count is None or count.value != "all":
        return tree
    return put(tree, ("gpu", "count"), count.leading_to(len(context.machine.gpus)))


def supported(tree: Setting, context: Context) -> Setting | Problem:
    """Refuses an engine that does not run on what the service requests."""
    kind = context.accelerator(tree)
    if kind in context.engine.accelerators:
        return tree
    where = tree.nearest(("gpu", "count"))
    message = f"{context.engine.title} does not run on {kind}"
    hint = f"it runs on {listing(context.engine.accelerators)}; this host is {context.machine.name}"
    return Problem(where.place, "backend", message, hint, "accelerator")


def image(tree: Setting, context: Context) -> Setting | Problem:
    """Derives the image from `version` where that decides; images.py tells which of the two does."""
    release, pattern = tree.present(("version",)), tree.present(("images", context.accelerator(tree)))
    if release is None or pattern is None or not decided_by_version(context.layers):
        return tree
    return put(tree, ("image",), release.leading_to(filled(pattern.value, release.value)))


def version(tree: Setting, context: Context) -> Setting | Problem:
    """Derives the version from `image` where that decides; a tag without a release leaves none."""
    chosen = tree.present(("image",))
    if chosen is None or (tree.present(("version",)) is not None and decided_by_version(context.layers)):
        return tree
    release, patterns = tree.at(("engine_version",)), tree.present(("images",))
    found = release.value if release else release_in(chosen.value, patterns.plain().values() if patterns else ())
    return put(tree, ("version",), chosen.leading_to(found))


def taken(tree: Setting, context: Context) -> Setting | Problem:
    """Drops the build where a layer above it names an image."""
    chosen = tree.at(("image",))
    if builds.wish(tree) is None or chosen is None or not named_above_build(context.layers):
        return tree
    return put(tree, ("image_type",), chosen.leading_to("prebuilt"))


def derived(tree: Setting, context: Context) -> Setting | Problem:
    """Derives the values that follow from the host and the claim, where nobody has set them."""
    rules = tree.present(("derived",))
    found = rules.value if rules else {}
    # A rule that reads another's value comes after it.
    for name, rule in sorted(found.items(), key=lambda each: any(name in str(each[1].value) for name in found)):
        path = parse_path(name)
        if rule.value is None or tree.at(path) is not None or tree.nearest(path).value is None:
            continue  # somebody has set it, or has removed all that it would belong to
        value = follows(rule.value, tree, context.machine)
        if value is not None:
            tree = put(tree, path, rule.leading_to(value))
    return tree


def named(tree: Setting, context: Context) -> Setting | Problem:
    """Names a GGUF without `served_name` after its file: clients do not know its path in the container."""
    path = tree.present(("weights", "path")) or tree.present(("weights", "url")) or tree.present(("weights", "file"))
    if context.engine.fixed_name or path is None or tree.at(("served_name",)) is not None:
        return tree
    if not path.value.lower().endswith(".gguf"):
        return tree
    return put(tree, ("served_name",), path.leading_to(gguf_name(path.value)))


def fetched(tree: Setting, context: Context) -> Setting | Problem:
    """Decides who fetches a repository, where nobody has said it: the engine only where it has no way to the store."""
    repo, supply = tree.present(("weights", "repo")), context.engine.supply
    if tree.present(("weights", "path")) is not None:
        return tree
    if repo is None:
        return _of_address(tree, context)
    chosen = tree.present(("weights", "fetch"))
    if supply is None and chosen is not None and chosen.value != "engine":
        message = f"{context.engine.title} cannot read the store of weights"
        return Problem(chosen.origin, "weights.fetch", message, "leave it out, or write engine", "weights.fetch")
    if chosen is not None:
        return tree
    elsewhere = supply is None or any(tree.present(parse_path(path)) is not None for path in supply.unless)
    elsewhere = elsewhere or (supply is not None and _mounted_below(tree, supply.former))
    return put(tree, ("weights", "fetch"), repo.leading_to("engine" if elsewhere else "first"))


def _of_address(tree: Setting, context: Context) -> Setting | Problem:
    """A file at an address is fetched into the store, or not at all."""
    url, supply = tree.present(("weights", "url")), context.engine.supply
    if url is None:
        return tree
    if supply is None or supply.layout != "files":
        hint = "name its repository, or put the files on the machine and name them by weights.path"
        return Problem(
            url.place, "weights.url", f"{context.engine.title} loads no file from an address", hint, "weights"
        )
    if tree.present(("weights", "sha256")) is None:
        hint = "write weights.sha256, the 64 digits that sha256sum prints"
        return Problem(url.place, "weights.url", "must have the hash of its file beside it", hint, "weights")
    return put(tree, ("weights", "fetch"), tree.present(("weights", "fetch")) or url.leading_to("first"))


def _mounted_below(tree: Setting, cache: str | None) -> bool:
    """Whether a person mounts a folder of their own into the cache that the engine fetches into."""
    place, mounts = tree.present(("caches", cache or "")), tree.present(("mounts",))
    targets = [mount.present(("target",)) for mount in mounts.value] if mounts is not None else []
    return place is not None and any(at is not None and below(at.value, place.value) for at in targets)


def mended(tree: Setting, context: Context) -> Setting | Problem:
    """Writes the values that avoid a known fault, where nobody has set them."""
    return known_bad.mended(tree, context.engine, context.machine)


def memory(tree: Setting, context: Context) -> Setting | Problem:
    """Turns `85%` into a part of the host's memory."""
    limit = tree.present(("resources", "memory"))
    if limit is None or not limit.value.endswith("%"):
        return tree
    return put(tree, ("resources", "memory"), limit.leading_to(part_of(limit.value, context.machine.memory)))


def user(tree: Setting, context: Context) -> Setting | Problem:
    """Puts the uid and gid of the host file in the place of `host`."""
    who = tree.at(("security", "user"))
    if who is None or who.value != "host":
        return tree
    return put(tree, ("security", "user"), who.leading_to(f"{context.machine.uid}:{context.machine.gid}"))


STEPS: Sequence[Step] = (
    cards,
    supported,
    image,
    version,
    taken,
    *builds.STEPS,
    memory,
    fetched,
    derived,
    mended,
    named,
    user,
)
