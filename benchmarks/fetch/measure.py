"""Measures how fast the fetch program is, beside curl and the hub's own client, from one server in one run.

    python -m benchmarks.fetch.measure                      1 GB, unlimited and at 1 Gbit/s, medians of three
    python -m benchmarks.fetch.measure --folder /mnt/disk   on the disk that counts

Each figure is of a whole process. Ours hashes what arrives, the others do not. Exit code 1: a target was missed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
GIGABIT = 125_000_000
LEAST_OF_CURL, LEAST_MB_S, MOST_SECONDS = 0.8, 200, 1.0
"""The targets: the share of curl's rate at 1 Gbit/s, MB/s without a limit, seconds to see that nothing is to do."""

THEIRS = "import sys, huggingface_hub as h; h.snapshot_download('org/name', cache_dir=sys.argv[1])"


class Taken(NamedTuple):
    """The seconds of one process: by the clock, and of processors."""

    wall: float
    cpu: float


def main() -> int:
    given = arguments()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| server | program | s | MB/s | of curl | CPU s |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="fetch-speed-", dir=given.folder) as folder:
        work = Path(folder)
        (work / "repository").mkdir()
        weights(work / "repository" / "model.bin", given.megabytes)
        missed = [
            text
            for name, rate in (("unlimited", None), ("1 Gbit/s", GIGABIT))
            for text in compare(work, name, rate, given.runs, given.megabytes)
        ]
    for text in missed:
        print(f"missed: {text}", file=sys.stderr)
    return bool(missed)


def arguments() -> argparse.Namespace:
    line = argparse.ArgumentParser(
        prog="python -m benchmarks.fetch.measure", description=str(__doc__).partition("\n")[0]
    )
    line.add_argument("--runs", type=int, default=3, help="runs of each program (3)")
    line.add_argument("--megabytes", type=int, default=1000, help="the size of the file (1000)")
    line.add_argument("--folder", help="where all files lie (the folder for temporary files)")
    return line.parse_args()


def weights(path: Path, megabytes: int) -> None:
    """Bytes that no disk and no network makes shorter."""
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(1_000_000))


def compare(work: Path, name: str, rate: int | None, runs: int, megabytes: int) -> list[str]:
    """Prints the rows of one server; what it missed."""
    line = [sys.executable, "-m", "tests.hub", "--repo", f"org/name={work / 'repository'}"]
    limit = ["--rate", str(rate)] if rate else []
    server = subprocess.Popen([*line, *limit], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        url = server.stdout.readline().strip()
        all_taken, again = measured(lines(work / "out", url), work / "out", url, runs)
    finally:
        server.terminate()
        server.wait()
    walls = {program: median(taken.wall for taken in every) for program, every in all_taken.items()}
    for program, every in all_taken.items():
        cpu = median(taken.cpu for taken in every)
        wall, share = walls[program], walls["curl"] / walls[program]
        print(f"| {name} | {program} | {wall:.2f} | {megabytes / wall:.0f} | {share:.2f} | {cpu:.2f} |", flush=True)
    print(f"| {name} | mmfetch, nothing to do | {again.wall:.2f} | | | {again.cpu:.2f} |", flush=True)
    found = {
        f"{walls['curl'] / walls['mmfetch']:.2f} of curl's rate, not {LEAST_OF_CURL}": (
            rate and walls["curl"] / walls["mmfetch"] < LEAST_OF_CURL
        ),
        f"{megabytes / walls['mmfetch']:.0f} MB/s, not {LEAST_MB_S}": not rate
        and megabytes / walls["mmfetch"] < LEAST_MB_S,
        f"{again.wall:.2f} s to see that nothing is to do, not {MOST_SECONDS}": again.wall > MOST_SECONDS,
    }
    return [f"{name}: {text}" for text, is_missed in found.items() if is_missed]


def lines(out: Path, url: str) -> Mapping[str, Sequence[str]]:
    """The command lines, each of which leaves the file below one folder; ours comes last, so that its store stays."""
    file = f"{url}/org/name/resolve/main/model.bin"
    return {
        "curl": ["curl", "--silent", "--fail", "--location", "--output", str(out / "model.bin"), file],
        "huggingface_hub": [sys.executable, "-c", THEIRS, str(out)],
        "mmfetch": [sys.executable, "-m", "mmfetch", "fetch", "--store", str(out), "--repo", "org/name"],
    }


def measured(
    programs: Mapping[str, Sequence[str]], out: Path, url: str, runs: int
) -> tuple[Mapping[str, list[Taken]], Taken]:
    """All runs, in turns so that a busy moment of the machine hits every program; and one more with nothing to do."""
    all_taken: dict[str, list[Taken]] = {program: [] for program in programs}
    for _ in range(runs):
        for program, line in programs.items():
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            all_taken[program].append(run(line, url))
    return all_taken, run(programs["mmfetch"], url)


def run(line: Sequence[str], url: str) -> Taken:
    ours = str(ROOT / "services" / "fetch")
    env = {
        **os.environ,
        "HF_ENDPOINT": url,
        "PYTHONPATH": ours,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
    }
    begun = time.monotonic()
    process = subprocess.Popen(line, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    taken = time.monotonic() - begun
    if process.returncode:
        raise SystemExit(f"{line[0]} ended with {process.returncode}")
    return Taken(taken, used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    sys.exit(main())
