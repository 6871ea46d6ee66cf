"""Reads the short names of a project, for help and completion: without YAML where they stand on one line."""

from __future__ import annotations

import re
from pathlib import Path

from mmcompose.files.gather.project import NoProject, find_root
from mmcompose.files.reading import content
from mmcompose.model.commands import ALIASES, COMMANDS, SHORT_NAMES
from mmcompose.model.paths import SETTINGS

_KEY = re.compile(r"^short_names:", re.MULTILINE)
_LINE = re.compile(r"^short_names: *\[ *((?:[a-z][a-z0-9-]+(?: *, *[a-z][a-z0-9-]+)*)?) *\] *(?:#.*)?$", re.MULTILINE)


def short_names(start: Path) -> tuple[str, ...]:
    """Those of the project around a folder. What cannot be read declares none; `validate` says why it cannot."""
    try:
        text = content(find_root(start) / SETTINGS).decode("utf-8")
    except (NoProject, OSError, UnicodeDecodeError):
        return SHORT_NAMES
    if _KEY.search(text) is None:
        return SHORT_NAMES
    line = _LINE.search(text)
    names = re.findall(r"[a-z0-9-]+", line[1]) if line else _parsed(text)
    return tuple(name for name in dict.fromkeys(names) if name not in COMMANDS and name not in ALIASES)


def _parsed(text: str) -> list[str]:
    from mmcompose.core.read.load import load_text

    tree, _ = load_text("project", SETTINGS, text)
    found = tree.present(("short_names",)) if tree else None
    entries = found.value if found and isinstance(found.value, tuple) else SHORT_NAMES if found is None else ()
    return [name for entry in entries if isinstance(name := getattr(entry, "value", entry), str)]
