"""Reasons travel with their values: which `why:` belongs to which setting."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mmcompose.core.claims import Around, Claim
from mmcompose.engines.nearest import did_you_mean
from mmcompose.model import Path, Problem, Service, Setting, dotted

NOTES = "notes"
_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")
LAYERS = ("defaults", "backend", "runtime", "model", "profile", "host", "command line")


def to_path(text: str) -> Path:
    """`args.stop[0]` is ("args", "stop", 0)."""
    return tuple(int(index) if index else name for name, index in _STEP.findall(text))


def reason(tree: Setting, path: Path) -> str | None:
    """Why a value is what it is. A reason written below the layer that set the value speaks of a value that is gone."""
    why = tree.said(("why", dotted(path)))
    value = tree.at(path)
    if why is None or value is None or _rank(why) < _rank(value) or _replaced(why, value):
        return None
    return str(why.value)


def every(tree: Setting) -> dict[str, str]:
    """All reasons of a service by the path that they explain, in the order in which people wrote them."""
    why = tree.said(("why",))
    return {name: found for name in (why.value if why else ()) if (found := reason(tree, to_path(name))) is not None}


def notes(service: Service) -> str | None:
    return service.why.get(NOTES)


def check(claim: Claim, _: Around) -> Iterator[Problem]:
    """A reason for a value that does not exist explains nothing."""
    tree = claim.tree
    why = tree.said(("why",))
    for name, text in why.value.items() if why else ():
        path = to_path(name)
        if (
            name != NOTES
            and text.value is not None
            and tree.at(path) is None
            and tree.at(("derived", name)) is None  # on this host it comes to nothing, on another it may not
            and not _removed(text, tree.nearest(path))
        ):
            known = [dotted(path) for path, _ in tree.leaves() if path[0] != "why"]
            hint = did_you_mean(name, known) or "write a dotted path such as args.max_num_seqs, or `notes`"
            yield Problem(text.place, f"why.{name}", "explains a value that is not set", hint, "why")


def _replaced(why: Setting, value: Setting) -> bool:
    """A profile that extends another may set the value anew; the other's reason spoke of the old one."""
    return value.origin.file != why.origin.file and any(old.origin.file == why.origin.file for old in value.overrode)


def _removed(why: Setting, above: Setting) -> bool:
    """A layer above removed the whole branch, so the reason below it has nothing to explain, and is no mistake."""
    return above.value is None and _rank(above) > _rank(why)


def _rank(setting: Setting) -> int:
    layer = setting.origin.layer
    return LAYERS.index(layer) if layer in LAYERS else len(LAYERS)
