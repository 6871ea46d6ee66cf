"""Finds the reason of a value: a `why:` belongs to the setting of the same layer."""

from __future__ import annotations

from mmcompose.model import Path, Service, Setting, dotted, parse_path

NOTES = "notes"
LAYERS = ("defaults", "backend", "runtime", "model", "profile", "host", "command line")


def reason(tree: Setting, path: Path) -> str | None:
    """The reason of a value. A `why:` below the layer that set the value explains an older value, so it is ignored."""
    why = tree.present(("why", dotted(path)))
    value = tree.at(path)
    if why is None or value is None or rank(why) < rank(value):
        return None
    # A profile that extends another may set the value anew: then the parent's reason explains the old one.
    former = {old.origin.file for old in value.overrode} - {value.origin.file}
    return None if why.origin.file in former else str(why.value)


def every(tree: Setting) -> dict[str, str]:
    """All reasons of a service by path, in the order of the files."""
    why = tree.present(("why",))
    return {name: found for name in (why.value if why else ()) if (found := reason(tree, parse_path(name))) is not None}


def notes(service: Service) -> str | None:
    return service.why.get(NOTES)


def rank(setting: Setting) -> int:
    layer = setting.origin.layer
    return LAYERS.index(layer) if layer in LAYERS else len(LAYERS)
