"""The rules of the house, read from the syntax tree: each takes one file's source and yields what breaks the rule."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mmcompose.model.targets import TARGETS
from tests.architecture.syntax import nodes, tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "mmcompose"

# Each room may import itself and what stands to its right.
ROOMS = ("cli", "bench", "deploy", "files", "core", "engines", "model")
PURE = {"core", "engines", "model"}

# The folders of each room in the order of the work: each may import itself and what stands to its left. A file beside
# the folders is read by them or reads them, never both.
STAGES: Mapping[str, tuple[str, ...]] = {
    "bench": ("results", "report", "run", "kinds", "suite", "vram", "session"),
    "cli": ("printing", "shell", "engines", "bench", "eval", "models", "project", "lifecycle"),
    "core": ("read", "resolve", "place", "check", "render", "edit", "imports"),
    "core.check": ("rules",),
    "core.imports": ("sources",),
    "core.render": tuple(TARGETS),
    "deploy": ("docker", "machine", "causes", "doctor", "ready", "start", "handover", "models"),
    "engines": ("flags", "learn", "known", "ovms"),
    "engines.ovms": ("graph", "config"),
    "files": ("gather", "write", "learn"),
}
MOST = 16
"""Files in one folder."""

# Where each library may appear, as the beginning of a module's name. What is not in the table is not a dependency.
WALLS = {
    "click": ("mmcompose.cli",),
    "google": ("mmcompose.engines",),
    "jinja2": ("mmcompose.core", "mmcompose.bench"),
    "jsonschema": ("mmcompose.core",),
    "markupsafe": ("mmcompose.core", "mmcompose.bench"),
    "pynvml": ("mmcompose.deploy.machine.nvml",),
    "python_on_whales": ("mmcompose.deploy.docker.engine",),
    "tabulate": ("mmcompose.cli", "mmcompose.bench"),
    "yaml": ("mmcompose.core", "mmcompose.engines.known", "mmcompose.files"),
}
HEAVY = {"google", "jinja2", "jsonschema", "markupsafe", "python_on_whales", "tabulate"}

# Files that work with a slow library throughout may import it at once, because they are imported late themselves.
LATE = {
    "mmcompose.core.render.escape",
    "mmcompose.core.render.renderer",
    "mmcompose.core.render.sandbox",
    "mmcompose.core.render.target",
    "mmcompose.core.render.templates",
    *(f"mmcompose.core.render.{name}.target" for name in TARGETS),
}

# What reaches out of the program. The package's own data (importlib.resources) is part of it, so it may be read.
WORLDLY_MODULES = {
    "asyncio",
    "getpass",
    "glob",
    "locale",
    "multiprocessing",
    "os",
    "pathlib",
    "platform",
    "random",
    "secrets",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "time",
    "urllib",
    "uuid",
}
PURE_PARTS = {"pathlib": {"PurePath", "PurePosixPath"}, "urllib": {"parse"}}
WORLDLY_CALLS = {"open", "input", "print", "breakpoint", "exec", "eval"}
WORLDLY_METHODS = {"now", "today", "utcnow"}
WORLDLY_LOADERS = {"FileSystemLoader", "PackageLoader", "ModuleLoader"}


class Import(NamedTuple):
    module: str
    names: tuple[str, ...]
    line: int
    lazy: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    """`core` for mmcompose.core.read.load; nothing for the package itself, which holds only its version."""
    return [*module.split("."), ""][1]


@cache
def imports(source: str) -> tuple[Import, ...]:
    """Every import that runs; those under `if TYPE_CHECKING:` do not."""
    return tuple(_imports(tree(source), lazy=False))


def _imports(node: ast.AST, *, lazy: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import():
                yield from (Import(alias.name, (), child.lineno, lazy) for alias in child.names)
            case ast.ImportFrom():
                names = tuple(alias.name for alias in child.names)
                yield Import("." * child.level + (child.module or ""), names, child.lineno, lazy)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                for other in child.orelse:
                    yield from _imports(other, lazy=lazy)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _imports(child, lazy=True)
            case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name)), *_]):
                yield Import(name, (), child.lineno, lazy)
            case _:
                yield from _imports(child, lazy=lazy)


def wrong_way(module: str, source: str) -> Iterator[str]:
    own = room(module)
    for found in imports(source):
        if found.module.startswith("."):
            yield f"line {found.line}: relative import; write the whole name"
        if found.top != "mmcompose":
            continue
        targets = [found.module] if found.module != "mmcompose" else [f"mmcompose.{name}" for name in found.names]
        for target in (room(name) for name in targets):
            if target in ROOMS and own in ROOMS and ROOMS.index(target) < ROOMS.index(own):
                yield f"line {found.line}: {own} must not import {target}"
            if target in ROOMS and own not in ROOMS and own != "__main__":
                yield f"line {found.line}: {module} must not import {target}"


def graph(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Which module of ours imports which, those for type checkers included."""
    found: dict[str, set[str]] = {module: set() for module in sources}
    for module, source in sources.items():
        for node in nodes(source):
            if isinstance(node, ast.Import):
                found[module].update(alias.name for alias in node.names if alias.name in sources)
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                found[module].update(name if name in sources else str(node.module) for name in names)
        found[module] &= sources.keys()
        found[module].discard(module)
    return found


def circles(arrows: Mapping[str, set[str]]) -> list[set[str]]:
    """Files that depend on each other, whatever the way round."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        todo = [start]
        while todo:
            new = arrows[todo.pop()] - seen
            seen |= new
            todo += new
        return seen

    far = {module: reached(module) for module in arrows}
    found: list[set[str]] = []
    for module in sorted(arrows):
        if module in far[module] and not any(module in circle for circle in found):
            found.append({other for other in far[module] if module in far[other]})
    return found


def against_the_stages(arrows: Mapping[str, set[str]]) -> Iterator[str]:
    for place, stages in STAGES.items():
        prefix = f"mmcompose.{place}."
        inside = {module: targets for module, targets in arrows.items() if module.startswith(prefix)}

        def stage(module: str, prefix: str = prefix, stages: tuple[str, ...] = stages) -> int | None:
            name = module.removeprefix(prefix).partition(".")[0]
            return stages.index(name) if name in stages else None

        between = [(a, b) for a, targets in inside.items() for b in targets if b.startswith(prefix)]
        reading = {a for a, b in between if stage(a) is None and stage(b) is not None}
        for a, b in between:
            here, there = stage(a), stage(b)
            if here is not None and there is not None and there > here:
                yield f"{a} must not import {b}: {stages[here]} comes before {stages[there]}"
            if here is not None and there is None and b in reading:
                yield f"{a} must not import {b}, which stands above {stages[here]}"


def through_walls(module: str, source: str) -> Iterator[str]:
    for found in imports(source):
        if found.top in sys.stdlib_module_names or found.top in {"mmcompose", ""}:
            continue
        if found.top not in WALLS:
            yield f"line {found.line}: {found.top} is not a runtime dependency"
        elif not module.startswith(WALLS[found.top]):
            yield f"line {found.line}: {found.top} may only be used in {', '.join(WALLS[found.top])}"


def eager(module: str, source: str) -> Iterator[str]:
    if module in LATE:
        return
    for found in imports(source):
        names = {found.module, *(f"{found.module}.{name}" for name in found.names)}
        slow = found.top if found.top in HEAVY else next(iter(names & LATE), "")
        if slow and not found.lazy:
            yield f"line {found.line}: {slow} is slow to import; do it inside the function that needs it"


def impure(module: str, source: str) -> Iterator[str]:
    if room(module) not in PURE:
        return
    for found in imports(source):
        parts = set(found.names) or {found.module.partition(".")[2]}
        if found.module.partition(".")[2]:
            parts = {found.module.split(".")[1]}
        if found.top in WORLDLY_MODULES and not parts <= PURE_PARTS.get(found.top, set()):
            yield f"line {found.line}: {found.module} reaches out of the program"
    for node in nodes(source):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in WORLDLY_CALLS:
                yield f"line {node.lineno}: {name}() reaches out of the program"
            case ast.Call(func=ast.Attribute(attr=name)) if name in WORLDLY_METHODS:
                yield f"line {node.lineno}: .{name}() reads the clock; take the date as an argument"
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in WORLDLY_LOADERS:
                yield f"line {node.lineno}: {name} reads the disk; take the templates as texts"
            case _:
                pass
