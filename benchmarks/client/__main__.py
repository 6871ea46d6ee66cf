"""Holds the benchmark client against a server that knows the truth, beside its rivals, one core each.

    python -m benchmarks.client                              our client and the library controls, about two minutes
    python -m benchmarks.client --only mmbench --repeats 3   medians of three
    AIPERF=/path/to/aiperf python -m benchmarks.client       rivals run when they are found, and are named when not

Bias is what a client reports minus what the server logged for the same run. Exit code 1: our client missed a target.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .contestants import CONTESTANTS, Cell, Contestant
from .targets import judge
from .trial import Trial, TruthProcess, middle, run_trial

TEXT, IMAGE = (8, 32, 128, 256), (32,)
COLUMNS = (
    ("client", "{}"),
    ("load", "{}"),
    ("of ideal", "{:.1%}"),
    ("TTFT bias p50", "{:+.2f}"),
    ("p99 ms", "{:+.2f}"),
    ("ITL bias p50", "{:+.3f}"),
    ("us CPU/token", "{:.1f}"),
    ("RSS MB", "{:.0f}"),
    ("ready s", "{:.2f}"),
    ("others' CPU", "{:.0%}"),
    ("note", "{}"),
)


def main() -> int:
    given = arguments()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.stderr.write("needs two cores: one for the server, one for the client\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="client-truth-") as folder:
        work = Path(folder)
        image = noise_jpeg(work / "image.jpg")
        sha256 = hashlib.sha256(image.read_bytes()).hexdigest()
        cells = [Cell(c, given.waves, 100) for c in given.text] + [
            Cell(c, given.waves + 2, 30, image) for c in given.image
        ]
        trials: list[Trial] = []
        print(f"truth server on core {cores[0]}, clients on core {cores[1]}; TTFT 50 ms, 10 ms per token", flush=True)
        print(line([name for name, _ in COLUMNS]), flush=True)
        with TruthProcess(cores[0], given.shared_machine) as truth:
            for contestant in CONTESTANTS:
                if given.only and contestant.name not in given.only:
                    continue
                reason = contestant.missing()
                if reason:
                    print(f"{contestant.name}: skipped, {reason}", flush=True)
                    continue
                trials += measured(contestant, cells, truth, cores[1], work, given)
    missed = judge([each for each in trials if each.client == "mmbench"], sha256)
    for verdict in missed:
        print(verdict)
    if given.json:
        given.json.write_text(json.dumps([each.described() for each in trials], indent=1) + "\n")
    return 1 if any(each.startswith("MISSED") for each in missed) else 0


def measured(
    contestant: Contestant, cells: Sequence[Cell], truth: TruthProcess, core: int, work: Path, given: argparse.Namespace
) -> list[Trial]:
    trials = []
    for cell in cells:
        repeats = [run_trial(contestant, cell, truth, core, work, given.shared_machine) for _ in range(given.repeats)]
        trials.append(middle(repeats))
        print(line(trials[-1].cells()), flush=True)
    return trials


def line(values: Sequence[object]) -> str:
    widths = (16, 12, 9, 14, 9, 13, 13, 7, 8, 12, 0)
    texts = [
        "-" if value is None else value if isinstance(value, str) else form.format(value)
        for value, (_, form) in zip(values, COLUMNS, strict=True)
    ]
    return " ".join(text.rjust(width) for text, width in zip(texts, widths, strict=True)).rstrip()


def noise_jpeg(path: Path) -> Path:
    """A real JPEG of about 0.7 MB: noise does not compress."""
    from PIL import Image

    side = 1024
    noise = Image.frombytes("RGB", (side, side), random.Random(1).randbytes(3 * side * side))
    noise.save(path, quality=78)
    return path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=[each.name for each in CONTESTANTS])
    parser.add_argument("--text", type=levels, default=TEXT, metavar="N,N…", help="concurrencies of the text load")
    parser.add_argument("--image", type=levels, default=IMAGE, metavar="N,N…", help="concurrencies of the image load")
    parser.add_argument("--waves", type=int, default=6, help="requests per stream")
    parser.add_argument("--repeats", type=int, default=1, help="trials per row, of which the median is shown")
    parser.add_argument(
        "--shared-machine", action="store_true", help="real-time server, preferred clients (needs root)"
    )
    parser.add_argument("--json", type=Path, help="write every row here")
    return parser.parse_args()


def levels(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(",") if each)


if __name__ == "__main__":
    sys.exit(main())
