"""Finds the reason of a value: a `why:` belongs to the setting of the same layer."""

from __future__ import annotations

from mmcompose.model import Path, Service, Setting, dotted, parse_path

NOTES = "notes"
LAYERS = ("defaults", "backend", "runtime", "model", "profile", "host", "command line")


def reason(tree: Setting, path: Path) -> str | None:
    """The reason of a value. A `why:` below the layer that set the value explains an older value, so it is ignored."""
    why = tree.present(("why", dotted(path)))
    value = tree.at(path)
    if why is None or value is None or rank(why) < rank(value) or _replaced(why, value):
        return None
    return str(why.value)


def every(tree: Setting) -> dict[str, str]:
    """All reasons of a service by path, in the order of the files."""
    why = tree.present(("why",))
    return {name: found for name in (why.value if why else ()) if (found := reason(tree, parse_path(name))) is not None}


def notes(service: Service) -> str | None:
    return service.why.get(NOTES)


def _replaced(why: Setting, value: Setting) -> bool:
    """Whether a profile that extends another sets the value anew; the parent's reason explains the old value."""
    return value.origin.file != why.origin.file and any(old.origin.file == why.origin.file for old in value.overrode)


def rank(setting: Setting) -> int:
    layer = setting.origin.layer
    return LAYERS.index(layer) if layer in LAYERS else len(LAYERS)
