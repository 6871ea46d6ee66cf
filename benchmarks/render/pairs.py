"""Is this checkout as fast as another one? Whole processes of both in turn, and the interval of their ratio.

    python benchmarks/render/pairs.py ../other-checkout --profiles 13 --pairs 40
    python benchmarks/render/pairs.py ../other-checkout --job check --profiles 1000

Both run in this environment on projects of the same files, one beside the other, so whatever else the machine does
meets both alike. The ratio of a pair is this checkout's time divided by the other's; the interval holds the median of
the ratios in 95 of 100 such measurements.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.render import project
from benchmarks.render.measure import ENVIRONMENT
from benchmarks.render.timing import Sample, UnexpectedError, once

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parents[2]
JOBS = {
    "render": ("render",),
    "changed": ("render",),
    "first": ("render",),
    "check": ("render", "--check"),
    "help": ("--help",),
}
"""`changed` renders after one profile was edited, `first` after everything rendered was removed."""
DRAWS = 2000


class Interval(NamedTuple):
    low: float
    middle: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.3f} (95 %: {self.low:.3f} to {self.high:.3f})"


class Side:
    """One checkout, with a rendered project of its own."""

    def __init__(self, checkout: Path, folder: Path, count: int, gguf: str) -> None:
        self.folder, self._gguf, self._edits = folder, gguf, 0
        self._environment = ENVIRONMENT | {"PYTHONPATH": str(checkout), "XDG_STATE_HOME": str(folder.parent / "state")}
        project.write(folder, count, gguf)
        self.run("render")

    def prepare(self, job: str) -> None:
        """Brings the project to the state in which a job is measured; the clock does not run."""
        if job == "first":
            shutil.rmtree(self.folder / "compose")
            (self.folder / "compose.yaml").unlink()
        elif job == "changed":
            self._edits += 1
            edited = project.profile(0, self._gguf, seats=4 + self._edits % 2)
            project.path_of(self.folder, 0).write_text(edited, encoding="utf-8")

    def run(self, *arguments: str) -> Sample:
        return once((sys.executable, "-m", "mmcompose", *arguments), self.folder, self._environment, 0)


def pairs(mine: Side, other: Side, job: str, count: int) -> list[tuple[Sample, Sample]]:
    """The pairs of times. The first side changes from pair to pair; a first pair warms up and does not count."""
    found = []
    for number in range(count + 1):
        mine.prepare(job)
        other.prepare(job)
        if number % 2:
            one = mine.run(*JOBS[job])
            two = other.run(*JOBS[job])
        else:
            two = other.run(*JOBS[job])
            one = mine.run(*JOBS[job])
        found.append((one, two))
    return found[1:]


def interval(ratios: Sequence[float], seed: int = 1) -> Interval:
    """The interval of the median, from drawing the pairs again and again."""
    draw = random.Random(seed)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(DRAWS))
    return Interval(medians[DRAWS // 40], statistics.median(ratios), medians[-DRAWS // 40])


def line(title: str, ratios: Sequence[float], bound: float) -> str:
    found = interval(ratios)
    verdict = "below" if found.high < bound else "not below"
    return f"| {title} | {found} | {verdict} {bound} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("other", type=Path, help="the checkout that is compared with")
    parser.add_argument("--profiles", type=int, default=13)
    parser.add_argument(
        "--pairs", type=int, default=40, help="how many; 30 at least, for the interval to mean something"
    )
    parser.add_argument("--job", choices=JOBS, default="render")
    parser.add_argument("--bound", type=float, default=1.05, help="what the interval should stay below")
    parser.add_argument("--gguf", default="qwen-small", help="a shipped model for llama.cpp")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="mmcompose-pairs-") as temporary:
            sides = (
                Side(HERE, Path(temporary, "mine"), options.profiles, options.gguf),
                Side(options.other.resolve(), Path(temporary, "other"), options.profiles, options.gguf),
            )
            found = pairs(*sides, options.job, max(30, options.pairs))
    except UnexpectedError as error:
        print(f"pairs: {error}", file=sys.stderr)
        return 1
    print(f"{options.profiles} profiles, {options.job}, {len(found)} pairs, load {os.getloadavg()[0]:.1f}\n")
    print("| measured | this checkout / the other | verdict |\n|---|---|---|")
    print(line("CPU", [one.cpu / two.cpu for one, two in found], options.bound))
    print(line("wall clock", [one.wall / two.wall for one, two in found], options.bound))
    print(line("peak memory", [one.peak / two.peak for one, two in found], options.bound))
    return 0


if __name__ == "__main__":
    sys.exit(main())
