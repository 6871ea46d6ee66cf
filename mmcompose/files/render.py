"""`mmcompose render` without its printing: the short cut, the compilation, the plan, the writing."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mmcompose.files import lock as locks
from mmcompose.files import write
from mmcompose.files.fresh import fresh, profile_of, unchanged
from mmcompose.files.lock import Lock
from mmcompose.files.one_writer import one_writer
from mmcompose.files.project import gather
from mmcompose.files.write import Change

if TYPE_CHECKING:
    from mmcompose.model import Problem


@dataclass(slots=True)
class Outcome:
    """What was found and what was (or would be) done. `fresh`: the hashes said that there is nothing to do."""

    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    fresh: bool = False
    failed: bool = False

    @property
    def refused(self) -> list[Change]:
        return [change for change in self.changes if change.kind in ("edited", "foreign")]

    @property
    def different(self) -> list[Change]:
        return [change for change in self.changes if change.kind != "same"]


def render(
    root: Path, *, write_files: bool, force: bool = False, short_cut: bool = True, today: str | None = None
) -> Outcome:
    """Bring compose/ up to date, or with `write_files=False` only tell what would change."""
    with ExitStack() as held:
        try:
            held.enter_context(one_writer(root))
        except OSError as error:
            raise write.Refused(f"{root} cannot be opened: {error.strerror}") from error
        inputs, lock = gather(root), locks.read(root)
        if short_cut and fresh(inputs, lock, today):
            return Outcome(fresh=True)
        from mmcompose.core.pipeline import errors
        from mmcompose.files.compile import compilation

        made = compilation(
            inputs, lock.seats, today=today, unchanged=unchanged(inputs, lock) if short_cut else frozenset()
        )
        problems = made.problems
        if errors(problems):
            return Outcome(problems, failed=True)
        artifacts, faults = made.artifacts()
        if faults:
            return Outcome([*problems, *faults], failed=True)
        kept = {path: known for path, known in lock.outputs.items() if profile_of(path) in made.settled}
        changes = write.plan(root, artifacts, lock, kept)
        outcome = Outcome(problems, changes)
        if write_files and (force or not outcome.refused):
            assert made.stack is not None
            outputs = {**kept, **{path: locks.digest_of(text) for path, text in artifacts.items()}}
            ends = [w.until for p in made.profiles.values() for s in p.services.values() for w in s.waivers]
            until = min(ends, default="")
            new = Lock(locks.compiler(), locks.of_inputs(inputs), outputs, locks.placed(made.stack.seats), until)
            write.apply(root, changes, new)
        return outcome
