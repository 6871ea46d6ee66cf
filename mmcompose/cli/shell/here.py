"""The project that a command works on, and its options as a layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmcompose.cli.printing.output import fail, note
from mmcompose.model.failure import Failure
from mmcompose.model.paths import RESULTS

if TYPE_CHECKING:
    from mmcompose.bench.session.runs import Runs
    from mmcompose.core.pipeline import Compilation
    from mmcompose.core.read.overrides import Override
    from mmcompose.model import Profile


def root(folder: str, *, bare: bool = False) -> Path:
    """The project's folder; a `bare` one may lack its settings."""
    from mmcompose.files.root import NoProject, find_root

    place = Path(folder)
    if not place.is_dir():
        fail(f"{folder} is not a folder", 2)
    try:
        return find_root(place)
    except NoProject:
        if bare and (place / "profiles").is_dir():
            return place.absolute()
        raise


def results(folder: str) -> Path:
    return root(folder) / RESULTS


def runs(folder: str) -> Runs:
    from mmcompose.bench.session.runs import Runs

    return Runs(lambda: results(folder), note)


def compiled(
    folder: str,
    overrides: Sequence[Override] = (),
    today: str | None = None,
    only: str | Iterable[str] | None = None,
    *,
    bare: bool = False,
) -> Compilation:
    """The compilation. `only` names the profiles to which the overrides apply; empty for all."""
    from mmcompose.files.gather import lock, project
    from mmcompose.files.gather.compile import compilation

    place = root(folder, bare=bare)
    named = (only,) if isinstance(only, str) else only or ()
    return compilation(project.gather(place), lock.read(place).seats, overrides, today, named)


def profile_or_fail(made: Compilation, name: str) -> Profile:
    """A resolved profile; fails with the problems of one that cannot be resolved."""
    from mmcompose.cli.printing.output import report
    from mmcompose.deploy.pick import refuse_unknown

    refuse_unknown([name], made.documents.names("profile"))
    if name in made.profiles:
        return made.profiles[name]
    report([p for p in made.concerning((name,)) if p.severity == "error"])
    raise Failure(f"{name} cannot be resolved", 2)


def _is_text(text: str) -> bool:
    """Whether a typed text is UTF-8: other bytes reach Python as half characters, which no YAML can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_SHORTS = {name: name for name in ("backend", "image", "image_type", "host", "model")} | {"backend_version": "version"}
"""The options that are short for a `--set`, and its path."""


def overrides(options: Mapping[str, Any]) -> list[Override]:
    """The values that the options of a command give to a profile."""
    from mmcompose.core.read.overrides import parse, short

    gpus = options.get("tensor_parallel")
    sets = [*options["sets"], *([f"gpu.count={gpus}"] if gpus else ())]
    for text in sets:
        if not _is_text(text):
            fail(f"--set: {text!r} is not UTF-8 text", 2)
    found, problems = parse(sets)
    if problems:
        fail("\n".join(map(str, problems)), 2)
    given = {path: options.get(name) for name, path in _SHORTS.items()}
    return [*found, *(short(path, value) for path, value in given.items() if value is not None)]
