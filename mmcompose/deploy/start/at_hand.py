"""The project of a start: its committed files, or files with typed values, which are kept aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mmcompose.core.pipeline import Compilation, errors
from mmcompose.core.read.documents import Source
from mmcompose.core.read.overrides import Override
from mmcompose.deploy.docker.engine import Files
from mmcompose.deploy.start import aside
from mmcompose.deploy.start.order import Order, patience
from mmcompose.deploy.wanted import wanted_profile
from mmcompose.files.write import render
from mmcompose.files.write.artifacts import FileChange
from mmcompose.files.write.grouping import grouped
from mmcompose.files.write.render import Outcome
from mmcompose.files.write.show import diff_of
from mmcompose.model import Stack
from mmcompose.model.failure import Failure, Invalid
from mmcompose.model.paths import PRIVATE


@dataclass(frozen=True)
class AtHand:
    """The project. `typed`: it has values of the command line. `model`: it has a model without a profile, as a
    profile of its own."""

    root: Path
    made: Compilation
    typed: bool = False
    model: bool = False

    @property
    def stack(self) -> Stack:
        assert self.made.stack is not None
        return self.made.stack

    @property
    def name(self) -> str:
        return self.stack.project.name

    def with_values(self, profile: str, values: Sequence[Override], more: Sequence[Source] = ()) -> AtHand:
        """The same project with these values in one profile; `more` is the source of a profile without a file."""
        if not values and not more:
            return self
        made = self.made.with_values(profile, values, more)
        if errors(made.problems) or profile not in made.profiles:
            raise Invalid(made.problems)
        return AtHand(self.root, made, typed=True, model=self.model or bool(more))

    def order(
        self, profile: str, timeout: float | None = None, *, wait: bool = True, rebuild: bool = False, taking: str = ""
    ) -> Order:
        """Writes the files with typed values, which are not committed."""
        wanted = wanted_profile(self.stack, profile, self.made.contents)
        lasting = patience(self.stack.profiles[profile], timeout)
        return Order(wanted, self.files(profile), self.root, lasting, wait, rebuild, taking)

    def files(self, profile: str) -> Files:
        if not self.typed:
            return aside.committed(self.root, self.name, profile)
        with aside.writing():
            return aside.overridden(self.root, self.name, profile, self._texts)

    def files_there(self, profile: str) -> Files | None:
        """The files of a start, if they exist with the same content. Writes nothing."""
        if not self.typed:
            return aside.committed(self.root, self.name, profile)
        return aside.found(self.root, self.name, profile, self._texts)

    def differences(self) -> Iterator[str]:
        """The differences between the files with typed values and the committed ones."""
        if self.model:
            yield f"started from {PRIVATE}/, for a model that has no profile"
        elif self.typed:
            for path, text in sorted(self._texts.items()):
                committed = self.root / path
                old = committed.read_bytes().decode("utf-8", "surrogateescape") if committed.is_file() else None
                if old != text:
                    yield diff_of(FileChange(path, "update", "", old, text)).rstrip("\n")
            yield f"started from {PRIVATE}/, which is not committed; put the values into the profile to keep them"

    @cached_property
    def _texts(self) -> dict[str, str]:
        texts, faults = self.made.artifacts()
        if faults:
            raise Invalid(faults)
        return texts


def fresh(root: Path, note: Callable[[str], None], check: Callable[[Compilation], None]) -> AtHand:
    """The project, if its files are what a render would write; this never writes. `check` refuses typed names before
    any problem of the files is reported."""
    outcome = render.look(root)
    assert outcome.made is not None
    check(outcome.made)
    if outcome.failed:
        raise Invalid(outcome.problems)
    beside = errors(outcome.beside)
    if not outcome.different and not beside:
        return AtHand(root, outcome.made)
    # The files differ from what was reviewed.
    files = [{"path": change.path, "cause": change.cause} for change in outcome.different]
    files += [{"path": problem.origin.file, "cause": problem.message} for problem in beside if problem.origin]
    for line in (
        *(f"{path}: {change.cause}" for path, change in grouped(outcome.different)),
        *outcome.made.moves,
        *beside,
    ):
        note(str(line))
    raise Failure(_refusal(outcome, len(beside)), files=files)


def _refusal(outcome: Outcome, beside: int) -> str:
    if outcome.different:
        if all(change.kind == "create" for change in outcome.changes):
            return "nothing is rendered yet: run `mmcompose render`, read what it wrote, and try again"
        bare = "the compose files are out of date: run `mmcompose render`, read the difference, and try again"
        return outcome.written_elsewhere("try again") or bare
    lying = "a file lies" if beside == 1 else f"{beside} files lie"
    return f"{lying} beside the compose files and would change what starts: nothing was started"
