"""The common part of evals: every question once, and figures of the answers, each with its interval."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .drive import Level
from .sample import Sample
from .settings import Settings

CONCURRENCY, RETRIES = 8, 3
Z95 = 1.959963984540054


@dataclass(slots=True)
class EvalSettings(Settings):
    LOWEST: ClassVar[Mapping[str, float]] = {
        **Settings.LOWEST,
        "limit": 1,
        "concurrency": 1,
        "retries": 0,
        "max_tokens": 1,
    }
    RESULT: ClassVar[str] = "eval"

    limit: int | None = None
    concurrency: int = CONCURRENCY
    retries: int = RETRIES
    max_tokens: int = 1024
    workers: str = "1"

    def once(self, rows: int, first_index: int) -> Level:
        """A level that asks each of the rows once; its first index stands for the first row."""
        return Level(
            concurrency=min(self.concurrency, rows),
            requests=rows,
            seconds=None,
            warm_up=0,
            first_index=-(-first_index // rows) * rows,
            timeout_s=self.timeout,
            keep_text=True,
            retries=self.retries,
        )

    def described(self, level: Level, rows_of: int) -> dict[str, Any]:
        """The load, for the result. `rows_of` is the number of all rows, of which a limit takes the first."""
        return {
            "mode": "closed",
            "concurrency": level.concurrency,
            "requests": level.requests,
            "rows": level.requests,
            "rows_of": rows_of,
            "retries": self.retries,
            "output_tokens": self.max_tokens,
            "temperature": self.temperature,
            "extra_body": self.extra(),
            "timeout_s": self.timeout,
            "seed": self.seed,
        }


def eval_options(to: argparse.ArgumentParser, max_tokens: int) -> None:
    to.add_argument("--limit", type=int, metavar="N", help="only the first N rows: a smoke run, not a score")
    to.add_argument(
        "--concurrency", type=int, default=CONCURRENCY, metavar="N", help="so many in flight (default: %(default)s)"
    )
    to.add_argument(
        "--retries", type=int, default=RETRIES, metavar="N",
        help="send a request again that the server refused, dropped or failed (default: %(default)s)",
    )  # fmt: skip
    to.add_argument(
        "--max-tokens",
        type=int,
        default=max_tokens,
        metavar="N",
        help="most tokens of an answer (default: %(default)s)",
    )


def share(title: str, hits: float, of: float, *, scorer: str, note: str = "") -> dict[str, Any]:
    """A share of successes, with Wilson's 95 % interval."""
    low, high = wilson(hits, of)
    return measure(title, hits / of if of else None, 1, scorer=scorer, note=note) | {"of": of, "low": low, "high": high}


def measure(title: str, value: float | None, better: int, *, scorer: str, note: str = "") -> dict[str, Any]:
    """A figure without an interval. `better` is 1 if more is better, else -1."""
    rounded = None if value is None else round(value, 6)
    return {"title": title, "value": rounded, "better": better, "scorer": scorer, "note": note or None}


def verdict(point: Mapping[str, Any], max_error_share: float) -> dict[str, Any]:
    """Whether the score can be trusted: requests without an answer count as wrong, which is the server's doing and not
    the model's. An empty answer is the model's own."""
    requests = point["requests"]
    failed, sent = requests["failed"] - requests["empty"], requests["sent"]
    classes = ", ".join(f"{name} {count}" for name, count in sorted(point["errors"].items()))
    reasons = [] if sent else [f"{point['name']}: nothing was measured"]
    if failed > max_error_share * sent:
        reasons.append(f"{point['name']}: {failed} of {sent} have no answer ({classes})")
    return {"ok": not reasons, "reasons": reasons}


def wilson(hits: float, of: float) -> tuple[float, float] | tuple[None, None]:
    """Wilson's score interval: unlike the textbook's, it is right near 0 and 1 and for few answers."""
    if of <= 0:
        return None, None
    share, z2 = hits / of, Z95 * Z95
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return round(max(0.0, middle - half), 6), round(min(1.0, middle + half), 6)


def sample_line(sample: Sample, answer: str) -> dict[str, Any]:
    """One line of samples.jsonl, without what the benchmark itself adds."""
    return {
        "id": sample.label,
        "answer": answer if sample.ok else None,
        "finish_reason": sample.finish_reason,
        "error": sample.error,
        "tries": sample.tries,
        "generated_tokens": sample.generated_tokens,
    }


def counted(samples: Sequence[Sample]) -> list[Sample]:
    """The samples that count, in the order of their rows: a failed one does, as a wrong answer; a cancelled one not."""
    return sorted((each for each in samples if not each.cancelled), key=lambda each: each.index)
