"""Reads single settings of a project, for commands that need no profile to be valid, and for help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mmcompose.files.reading import content
from mmcompose.files.root import NoProject, find_root, nearest
from mmcompose.model.commands import ALIASES, COMMANDS, SHORT_NAMES
from mmcompose.model.failure import Failure
from mmcompose.model.paths import SETTINGS, of_profile

if TYPE_CHECKING:
    from pathlib import Path

    from mmcompose.model import Problem, Setting

_NAME = r"[a-z][a-z0-9-]+"
_LINE = rf"(?m)^short_names: *\[ *((?:{_NAME}(?: *, *{_NAME})*)?) *\] *(?:#.*)?$"


def project_name(root: Path) -> str:
    try:
        tree, problems = _tree(content(root / SETTINGS).decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{SETTINGS} cannot be read: {error}", 2) from error
    name = tree.at(("name",)) if tree else None
    if name is None or not isinstance(name.value, str):
        raise Failure("\n".join(map(str, problems)) or f"{SETTINGS}: name: missing", 2)
    return name.value


def short_names(start: str) -> tuple[str, ...]:
    """The short names of the project around a folder, without YAML if they stand on one line.

    An unreadable file declares none, and a single name counts as a list of one: such a command then says what is wrong
    with the file.
    """
    try:
        text = content(f"{nearest(start)}/{SETTINGS}").decode("utf-8")
    except (NoProject, OSError, UnicodeDecodeError):
        return SHORT_NAMES
    if "short_names" not in text:
        return SHORT_NAMES
    line = re.search(_LINE, text)
    names = re.findall(r"[a-z0-9-]+", line[1]) if line else _declared(text)
    # Help and completion show them, and a shell would run what is no plain name.
    plain = (name for name in dict.fromkeys(names) if re.fullmatch(_NAME, name))
    return tuple(name for name in plain if name not in COMMANDS and name not in ALIASES)


def profile_names(start: Path) -> set[str]:
    """The profiles of the project around a folder, valid or not, by their files."""
    try:
        return {path.stem for path in (find_root(start) / of_profile("*")).parent.glob("*.yaml")} - {"defaults"}
    except (NoProject, OSError):
        return set()


def _declared(text: str) -> list[str]:
    tree, _ = _tree(text)
    found = tree.present(("short_names",)) if tree else None
    if found is None:
        return list(SHORT_NAMES)
    entries = found.value if isinstance(found.value, tuple) else (found,)
    return [entry.value for entry in entries if isinstance(entry.value, str)]


def _tree(text: str) -> tuple[Setting | None, list[Problem]]:
    from mmcompose.core.read.load import load_text

    return load_text("project", SETTINGS, text)
