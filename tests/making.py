"""A small project in memory: what a test writes, over the backends, hosts, models and templates that ship."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from mmcompose.core.given import Given
from mmcompose.core.pipeline import Compilation
from mmcompose.core.read.documents import Source
from mmcompose.core.read.load import load_text
from mmcompose.core.world import NOWHERE, World
from mmcompose.engines.known import histories
from mmcompose.files.gather import shipped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import CodeType

    from mmcompose.core.read.overrides import Override
    from mmcompose.model import Problem, Profile, Seat, Service, Setting

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = "name: mm\nbind: 127.0.0.1\nports: 8100-8199\nhost: gpu-12gb\n"


class KeptHere:
    """Templates compiled in this process; most projects of the tests share theirs."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, ...], CodeType] = {}

    def code(self, *parts: str) -> CodeType | None:
        return self._codes.get(parts)

    def keep(self, code: CodeType, *parts: str) -> None:
        self._codes[parts] = code


KEPT = KeptHere()


@cache
def shipped_sources() -> tuple[Source, ...]:
    """What any project builds on: everything that ships but settings and profiles, which are a person's own."""
    folders = ("profiles/backends", "profiles/runtimes", "profiles/models", "profiles/hosts", "templates")
    paths = [ROOT / "profiles/defaults.yaml", *(p for f in folders for p in sorted((ROOT / f).rglob("*.*")))]
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), path.read_bytes(), shipped=True)
        for path in paths
        if path.suffix in (".yaml", ".j2")
    )


def compilation(
    files: Mapping[str, str | bytes] | None = None,
    *,
    remembered: Mapping[str, Mapping[str, Seat]] | None = None,
    overrides: Sequence[Override] = (),
    today: str | None = None,
    settings: str = SETTINGS,
    world: World = NOWHERE,
    bounds: AbstractContextManager[object] | None = None,
) -> Compilation:
    """A project of these files; a text may be indented as its test is."""
    own = {"mmcompose.yaml": settings, **(files or {})}
    theirs = {path: text if isinstance(text, bytes) else dedent(text).encode() for path, text in own.items()}
    sources = [source for source in shipped_sources() if source.path not in theirs]
    sources += [Source(path, data) for path, data in theirs.items()]
    given = Given(
        sources,
        shipped.schemas(),
        histories.load,
        remembered or {},
        overrides,
        today,
        world=world,
        bounds=bounds,
        compiled=KEPT,
    )
    return Compilation(given)


def profile(text: str, **given: Any) -> Profile:
    """The one profile `job` of a project, fully resolved; it must be right."""
    made = compilation({"profiles/job.yaml": text}, **given)
    assert not problems(made), problems(made)
    return made.profiles["job"]


def service(text: str, **given: Any) -> Service:
    return profile(text, **given).services["job"]


def problems(made: Compilation) -> list[str]:
    return [str(problem) for problem in made.problems]


def of_rule(made: Compilation, rule: str) -> list[Problem]:
    return [problem for problem in made.problems if problem.rule == rule]


def tree(text: str, layer: str = "profile", file: str = "x.yaml") -> Setting:
    """A text as one layer; it must load."""
    made, faults = load_text(layer, file, dedent(text))
    assert made is not None, faults
    assert not faults
    return made


def artifacts(files: Mapping[str, str | bytes], **given: Any) -> dict[str, str]:
    """What a right project renders to."""
    made = compilation(files, **given)
    errors = [str(problem) for problem in made.problems if problem.severity == "error"]
    assert not errors, errors
    texts, faults = made.artifacts()
    assert not faults, faults
    return texts
