"""Names that the shell completes: profiles, runs, engines, hosts, models, and the paths of `--set`.

Each is a function in Click's form. Names come from file names alone; only flags need the project.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from mmcompose.model.paths import RESULTS

_PLAIN = r"(?a)[\w.+=:/@-]+"
"""Names without special characters: shells insert a name as it is, and would run a `$(command)` from a commit."""

Names = Callable[[click.Context, click.Parameter, str], list[str]]


def _of(named: Callable[[click.Context, str], Iterable[str]]) -> Names:
    """The plain names that begin with the typed text. A broken project completes nothing, without an error message."""

    def names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        try:
            begun = {name for name in named(ctx, incomplete) if name.startswith(incomplete)}
            return sorted(name for name in begun if re.fullmatch(_PLAIN, name))
        except (Exception, SystemExit):
            return []

    return names


def _root(ctx: click.Context) -> Path:
    from mmcompose.files.root import find_root

    return find_root(Path(ctx.find_root().params.get("project") or "."))


def _files(ctx: click.Context, folder: str) -> Iterator[str]:
    """The names of a project's files, and of those that come with mmcompose."""
    from mmcompose.files.gather import shipped

    places = [_root(ctx) / folder] + ([shipped.root() / folder] if "/" in folder else [])
    for place in places:
        yield from (path.stem for path in place.glob("*.yaml") if path.stem != "defaults")


def _engines(_: click.Context, __: str) -> Iterable[str]:
    from mmcompose.engines.known import histories

    return histories.names()


def _runs(ctx: click.Context, _: str) -> Iterator[str]:
    yield "latest"
    yield from (path.parent.name for path in (_root(ctx) / RESULTS).glob("*/*/result.json"))


def _releases(ctx: click.Context, _: str) -> Iterable[str]:
    """The releases of the engine that was typed before."""
    from mmcompose.engines.known import histories

    history = histories.load(_subject(ctx))
    return history.versions if history else ()


def _kinds(_: click.Context, __: str) -> Iterable[str]:
    from mmcompose.engines.known.benchmarks import contained

    return contained()


def _results(_: click.Context, __: str) -> Iterable[str]:
    from mmcompose.engines.known.benchmarks import kinds

    return (kind.results for kind in kinds().values())


def _evals(_: click.Context, __: str) -> Iterable[str]:
    from mmcompose.engines.known.benchmarks import evals

    return evals()


def _paths(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Paths for `--set`: `args.` and `env.` from the profile that was typed before, all others from the schema."""
    import json

    from mmcompose.files.gather import shipped

    tree = json.loads(shipped.schemas()["service"])
    yield from (f"{path}=" for path in _leaves(tree, ""))
    if incomplete.startswith("args."):
        yield from (f"args.{flag}=" for flag in _flags(ctx))


def _subject(ctx: click.Context) -> str:
    """The profile or engine of the command. Click keeps it in another place while the value of an option is
    incomplete."""
    named = (ctx.params.get(name) for name in ("profile", "engine", "profiles"))
    first = next((name for name in named if name), None) or next(iter(ctx.args), "")
    return str(first if isinstance(first, str) else first[0])


def _leaves(tree: dict[str, Any], above: str) -> Iterator[str]:
    """The paths of single values and lists."""
    for name, child in tree.get("properties", {}).items():
        if "properties" in child:
            yield from _leaves(child, f"{above}{name}.")
        elif name not in ("args", "env"):
            yield f"{above}{name}"


def _flags(ctx: click.Context) -> Iterator[str]:
    from mmcompose.cli.shell.here import compiled
    from mmcompose.engines.flags.history import at
    from mmcompose.engines.known import histories

    made = compiled(str(ctx.find_root().params.get("project") or "."))
    found = made.profiles.get(_subject(ctx))
    for name, engine in found.engines.items() if found else ():
        history = histories.load(engine.history) if engine.history else None
        if found and history is not None:
            yield from at(history, found.services[name].release)


def _layers(folder: str) -> Names:
    return _of(lambda ctx, _: _files(ctx, folder))


profiles, hosts, backends, models = map(_layers, ("profiles", "profiles/hosts", "profiles/backends", "profiles/models"))
models_and_profiles = _of(lambda ctx, _: (*_files(ctx, "profiles"), *_files(ctx, "profiles/models")))
engines, releases, runs, kinds = map(_of, (_engines, _releases, _runs, _kinds))
results, evals, paths = map(_of, (_results, _evals, _paths))
