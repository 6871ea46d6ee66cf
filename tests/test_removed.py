"""`null` removes what was inherited: whatever a profile removes is refused, or Compose reads what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mmcompose.core.read import schema
from mmcompose.files.gather import shipped
from tests import compose
from tests.making import compilation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

HEAD = "host: cpu\nservices:\n"


def removable(node: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every path of a service that may be null."""
    for name, child in node.get("properties", {}).items():
        if "null" in child.get("type", ()):
            yield (*path, name)
        yield from removable(child, (*path, name))


def without(number: int, path: tuple[str, ...]) -> str:
    """A service that removes what lies at a path."""
    settings = {"model": "qwen-small", "backend": "llamacpp"}
    settings[path[0]] = "".join(f"{{{name}: " for name in path[1:]) + "null" + "}" * len(path[1:])
    return f"  s{number}: {{{', '.join(f'{name}: {value}' for name, value in settings.items())}}}\n"


def test_compose_reads_what_is_left_of_every_value_that_may_be_removed(tmp_path: Path) -> None:
    every = [without(*pair) for pair in enumerate(removable(schema.bundle("service", shipped.schemas())))]
    fine = [service for service in every if not compilation({"profiles/job.yaml": HEAD + service}).problems]
    made = compilation({"profiles/job.yaml": HEAD + "".join(fine)})
    assert made.problems == []
    compose.write(tmp_path, made.artifacts()[0])
    assert len(compose.read(tmp_path, "-f", "compose/job.yaml")["services"]) >= len(fine) > 40
