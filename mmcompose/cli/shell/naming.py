"""The name of the project, for commands that work on running containers and need no valid profile."""

from __future__ import annotations

from pathlib import Path

from mmcompose.cli.printing.output import fail
from mmcompose.model.paths import SETTINGS


def project_name(root: Path) -> str:
    from mmcompose.core.read.load import load_text
    from mmcompose.files.reading import content

    try:
        text = content(root / SETTINGS).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"mmcompose.yaml cannot be read: {error}", 2)
    tree, problems = load_text("project", SETTINGS, text)
    name = tree.at(("name",)) if tree else None
    if name is None or not isinstance(name.value, str):
        fail("\n".join(map(str, problems)) or "mmcompose.yaml: name: missing", 2)
    return name.value
