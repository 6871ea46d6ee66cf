"""Compares a service with the rows of `known_bad`: which rows apply, and which values avoid the fault."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from mmcompose.core import pinned
from mmcompose.core.resolve.conditions import holds
from mmcompose.core.resolve.fold import put
from mmcompose.core.resolve.follows import follows, speaks
from mmcompose.core.sizes import spoken
from mmcompose.engines.flags.versions import older
from mmcompose.engines.known.known_bad import row as bound
from mmcompose.engines.known.known_bad import shipped
from mmcompose.model import Capability, Engine, KnownBad, Machine, Path, Setting, Severity, dotted, parse_path

_SPOKEN_OF: tuple[Path, ...] = (("model",), ("weights",), ("backend",))
"""Settings that every service has; a Problem shows the line of one of them."""
_NAMED = re.compile(r"\{([a-z_.]+)( pinned)?\}")


class KnownFault(NamedTuple):
    """One row that applies to a service. `writes` are the values that avoid the fault, by path."""

    name: str
    row: KnownBad
    path: Path
    message: str
    severity: Severity
    writes: tuple[tuple[Path, Any], ...]

    @property
    def hint(self) -> str:
        wanted = " and ".join(f"{dotted(path)}: {_shown(value)}" for path, value in self.writes)
        parts = [f"write {wanted}" if wanted else "", self.row.advice or "", self.row.link or ""]
        return "; ".join([*filter(None, parts), f"`known_bad: {{{self.name}: null}}` lifts it"])

    def spoken_of(self, tree: Setting) -> Path:
        """The setting whose line the Problem shows, if nobody has written the faulty one."""
        return next((path for path in (self.path, *_SPOKEN_OF) if tree.at(path) is not None), ())

    def kept_to(self, tree: Setting) -> bool:
        """Whether the remedy of a row with `mends` is in place: nobody has set another value or removed it."""
        laid = {parse_path(name) for name, value in self.row.instead.items() if isinstance(value, Mapping)}
        return self.row.mends and all(
            (found := tree.at(path)) is not None and (path[:-1] in laid or found.plain() == value)
            for path, value in self.writes
        )


def mended(tree: Setting, engine: Engine, machine: Machine) -> Setting:
    """Writes the remedy of each row with `mends`, where nobody has set the value."""
    for fact in facts(tree, engine, machine):
        for path, value in fact.writes if fact.row.mends else ():
            if tree.at(path) is None:
                where = tree.nearest(fact.spoken_of(tree))
                tree = put(tree, path, where.leading_to(value))
                why: Path = ("why", dotted(path) if parse_path(dotted(path)) == path else dotted(path[:1]))
                tree = tree if tree.at(why) is not None else put(tree, why, where.leading_to(fact.message))
    return tree


def facts(tree: Setting, engine: Engine, machine: Machine) -> Iterator[KnownFault]:
    """Every row that applies, of the engine's table and of the layers."""
    version = tree.present(("engine_version",)) or tree.present(("version",))
    release = None if version is None else str(version.value)
    for name, row in _rows(tree, engine).items():
        if _covers(row, release) and _meant(row, tree, machine):
            path = parse_path(row.at or next(iter(row.when), "version"))
            newer = bool(row.until and older(row.until, release or ""))
            severity: Severity = "warning" if newer or row.severity == "warning" else "error"
            message = _filled(row.reason, tree, engine, release)
            if newer:
                message += f" (up to {row.until}, the last release that was checked)"
            yield KnownFault(name, row, path, message, severity, tuple(_writes(row, tree, machine)))


def _rows(tree: Setting, engine: Engine) -> Mapping[str, KnownBad]:
    found = dict(shipped(engine.history or engine.name))
    own = tree.present(("known_bad",))
    for name, value in own.value.items() if own else ():
        if value.value is None:
            found.pop(name, None)
        else:
            found[name] = bound(value.plain())
    return found


def _covers(row: KnownBad | Capability, number: str | None) -> bool:
    """Whether a range has a number in it, of a release or of a GPU; an unknown one is only in a range without ends."""
    since = not row.since or older(number, row.since) is False
    return since and (not row.before or older(number, row.before) is True)


def _meant(row: KnownBad, tree: Setting, machine: Machine) -> bool:
    backend, count = tree.present(("backend",)), tree.present(("gpu", "count"))
    if row.backend and (backend is None or backend.value != row.backend):
        return False
    if row.compute != Capability() and (
        count is None or not count.value or not any(_covers(row.compute, card.compute) for card in machine.gpus)
    ):
        return False
    if row.models and not _one_of(row.models, tree):
        return False
    return all(holds(condition, path, tree) for path, condition in row.when.items())


def _one_of(models: tuple[str, ...], tree: Setting) -> bool:
    """Compares the repository, or only the last part of its name for weights on the host."""
    repo, path = tree.present(("weights", "repo")), tree.present(("weights", "path"))
    if repo is not None and any(fnmatchcase(repo.value.lower(), pattern.lower()) for pattern in models):
        return True
    folder = posixpath.basename(path.value.rstrip("/")).lower() if path is not None else ""
    return bool(folder) and any(fnmatchcase(folder, pattern.rpartition("/")[2].lower()) for pattern in models)


def _writes(row: KnownBad, tree: Setting, machine: Machine) -> Iterator[tuple[Path, Any]]:
    for name, value in row.instead.items():
        path = parse_path(name)
        if isinstance(value, Mapping):
            yield from (((*path, key), inner) for key, inner in value.items())
        elif not isinstance(value, str) or not speaks(value):
            yield path, value
        elif (found := follows(value, tree, machine)) is not None:
            yield path, found


def _filled(reason: str, tree: Setting, engine: Engine, release: str | None) -> str:
    """Fills a text in: `{version}` is the engine at its release, `{a.path}` the value there, `{a.path pinned}` the
    memory that the value pins."""

    def value(match: re.Match[str]) -> str:
        if match[1] == "version":
            return f"{engine.title} {release or ''}".rstrip()
        found = tree.present(parse_path(match[1]))
        if found is None:
            return "nothing"
        return spoken(pinned.of(tree, found.value)[0]) if match[2] else _shown(found.value)

    return _NAMED.sub(value, reason)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
