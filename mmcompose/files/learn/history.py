"""Adds a release's flags, read from its source, to the history that ships: `engines learn`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from importlib import import_module
from typing import NamedTuple

from mmcompose.engines.flags.changes import FlagChange, diff
from mmcompose.engines.flags.history import History
from mmcompose.engines.flags.versions import key
from mmcompose.engines.known.engine import all_known
from mmcompose.engines.known.histories import load, names
from mmcompose.engines.learn import help_text
from mmcompose.engines.learn.add_argument import Shape
from mmcompose.engines.learn.merge import dump, merge, strengthen
from mmcompose.files.learn.sources import SPEC, fetch
from mmcompose.model.failure import Failure


class Learned(NamedTuple):
    history: History
    version: str
    before: str  # the version it is compared with
    total: int
    changes: list[FlagChange]
    text: str


_NEVER_IN_A_PROFILE = ("help", "version", "usage")


def learned(spec: str, own: str | None = None) -> Learned:
    """The flags of a release. `own`: the engine's version, where its package counts otherwise."""
    match = SPEC.fullmatch(spec)
    sources = {one.source.package: (one.name, one.source) for one in all_known() if one.source}
    if not match or match[1].lower() not in sources:
        raise Failure(f"cannot learn {spec!r}: write one of {', '.join(f'{name}==VERSION' for name in sources)}", 2)
    engine, source = sources[match[1].lower()]
    version = match[2]
    if source.own_version:
        if not own:
            title = history.title if (history := load(engine)) else engine
            raise Failure(f"the {title} in that release is unknown: name its version with --as {source.own_version}", 2)
        version = own
    texts = fetch(spec, lambda path: any(fnmatchcase(path, pattern) for pattern in source.files))
    flags: dict[str, Shape] = import_module(f"mmcompose.engines.learn.{engine}").learn(texts)
    if not flags:
        raise Failure(f"found no flags in {spec}: its source has a layout that mmcompose does not know yet", 2)
    return _merged(engine, version, flags)


def learned_from_help(engine: str | None, version: str, text: str) -> Learned:
    if engine is None or engine not in names():
        raise Failure(f"the engine of this help text is unknown: name it with --engine, one of {', '.join(names())}", 2)
    flags = help_text.learn(text)
    if len(flags) < 5:
        raise Failure("this is not a help text: it lists fewer than five flags", 2)
    history = load(engine)
    assert history is not None
    return _merged(engine, version.rpartition("==")[2], strengthen(history, flags))


def _merged(engine: str, version: str, flags: dict[str, Shape]) -> Learned:
    history = load(engine)
    assert history is not None
    if history.order != "commit" and key(history.order, version) is None:
        raise Failure(f"{version!r} is not a version of {history.title}", 2)
    for name in _NEVER_IN_A_PROFILE:
        flags.pop(name, None)
    made = merge(history, version, flags)
    index = made.versions.index(version)
    before = made.versions[index - 1] if index else made.versions[min(index + 1, len(made.versions) - 1)]
    return Learned(made, version, before, len(flags), diff(made, before, version), dump(made))
