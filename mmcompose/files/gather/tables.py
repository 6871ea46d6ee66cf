"""Tables of YAML that travel inside the package; nobody's input, so no line numbers are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The quick one, where PyYAML was built with it."""


def table(path: Path) -> dict[str, Any]:
    document = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 (a safe loader)
    return dict(document)
