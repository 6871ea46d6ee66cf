"""Measures how fast mmcompose renders, as a whole process, beside others on the same machine in the same run.

    python benchmarks/render/measure.py --profiles 10,100,1000 --runs 10 > table.md

Every figure is a median; a row whose run takes long is measured fewer times (the table says how many).
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.render import project
from benchmarks.render.rivals import rivals
from benchmarks.render.timing import Median, UnexpectedError, median

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MMCOMPOSE = str(Path(sys.executable).with_name("mmcompose"))
# What we want to reach on two shared cores, in milliseconds of wall clock, by number of profiles.
AIMS = {
    "nothing to change": {10: 80, 100: 100, 1000: 200},
    "check": {10: 350, 1000: 2500},
    "one changed": {10: 150, 100: 200, 1000: 700},
    "first render": {10: 150, 100: 300, 1000: 1300},
    "help": {0: 60},
}
PEAK_AIM = 150  # MB, at 1000 profiles
# A stable environment: nothing of the caller's shell, byte code written once and then used.
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "HOME": tempfile.gettempdir(), "LC_ALL": "C.UTF-8"}


class Job(NamedTuple):
    title: str
    aim: str
    command: tuple[str, ...]
    before: Callable[[int], None] = lambda _run: None


class Row(NamedTuple):
    profiles: int
    title: str
    result: Median | None
    aim: int | None = None
    note: str = ""


def jobs(folder: Path, gguf: str) -> list[Job]:
    render = (MMCOMPOSE, "render")

    def remove_output(_run: int) -> None:
        shutil.rmtree(folder / "compose", ignore_errors=True)
        (folder / "compose.yaml").unlink(missing_ok=True)

    def change_one(run: int) -> None:
        project.path_of(folder, 0).write_text(project.profile(0, gguf, seats=4 + run % 2), encoding="utf-8")

    return [
        Job("first render", "first render", render, remove_output),
        Job("render, nothing to change", "nothing to change", render),
        Job("render --check, nothing to change", "check", (*render, "--check")),
        Job("render, one profile changed", "one changed", render, change_one),
        Job("render --no-short-cut, nothing to change", "", (*render, "--no-short-cut")),
    ]


def rows(count: int, runs: int, gguf: str, say: Callable[[str], None]) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="mmcompose-measure-") as temporary:
        folder = Path(temporary)
        project.write(folder / "project", count, gguf)
        for job in jobs(folder / "project", gguf):
            say(f"{count} profiles: {job.title}")
            result = median(job.command, folder / "project", runs=runs, environment=ENVIRONMENT, before=job.before)
            yield Row(count, job.title, result, AIMS.get(job.aim, {}).get(count))
        for rival in rivals(folder, count):
            if rival.missing:
                yield Row(count, rival.title, None, note=f"skipped: {rival.missing} is not here")
                continue
            say(f"{count} profiles: {rival.title}")
            yield Row(count, rival.title, median(rival.command, folder, runs=runs, environment=ENVIRONMENT))


def line(row: Row) -> str:
    if row.result is None:
        return f"| {row.profiles} | {row.title} | | | | | {row.note} |"
    wall = row.result.wall * 1000
    verdict = "" if row.aim is None else f"≤ {row.aim} ms: {'reached' if wall <= row.aim else 'missed'}"
    peak = row.result.peak / 1024
    if verdict and row.profiles >= 1000:
        verdict += f"; ≤ {PEAK_AIM} MB: {'reached' if peak <= PEAK_AIM else 'missed'}"
    cells = (
        row.profiles or "",
        row.title,
        f"{wall:.0f}",
        f"{row.result.cpu * 1000:.0f}",
        f"{peak:.0f}",
        row.result.runs,
    )
    return f"| {' | '.join(str(cell) for cell in cells)} | {verdict} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--profiles", default="10,100,1000", help="how many, separated by commas")
    parser.add_argument("--runs", type=int, default=10, help="measured runs of each row")
    parser.add_argument("--gguf", default="qwen-small", help="a shipped model for llama.cpp")
    options = parser.parse_args()

    def say(text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, {platform.platform()}\n")
    print("| profiles | job | wall ms | CPU ms | peak MB | runs | aim |\n|---:|---|---:|---:|---:|---:|---|")
    try:
        for title, command in (("mmcompose --help", "--help"), ("mmcompose --version", "--version")):
            result = median((MMCOMPOSE, command), Path.cwd(), runs=options.runs, environment=ENVIRONMENT)
            print(line(Row(0, title, result, AIMS["help"][0])), flush=True)
        for count in (int(number) for number in options.profiles.split(",")):
            for row in rows(count, options.runs, options.gguf, say):
                print(line(row), flush=True)
    except UnexpectedError as error:
        print(f"measure: {error}", file=sys.stderr)
        return 1
    say("")
    return 0


if __name__ == "__main__":
    sys.exit(main())
