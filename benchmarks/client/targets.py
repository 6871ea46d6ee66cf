"""The targets of the client, and whether it met them."""

from __future__ import annotations

from collections.abc import Sequence

from .trial import Trial

# (load, figure, limit, unit, True when more is better)
TARGETS = (
    ("text c=128", "ttft_bias_p50", 1.0, "ms", False),
    ("text c=128", "ttft_bias_p99", 10.0, "ms", False),
    ("text c=128", "itl_bias_p50", 0.1, "ms", False),
    ("text c=256", "of_ideal", 0.98, "", True),
    ("text c=256", "us_per_token", 15.0, "us", False),
    ("text c=256", "rss_mb", 60.0, "MB", False),
    ("text c=256", "ready_s", 0.4, "s", False),
    ("image c=32", "of_ideal", 0.98, "", True),
    ("image c=32", "ttft_bias_p50", 1.0, "ms", False),
)


def judge(trials: Sequence[Trial], sha256: str) -> list[str]:
    lines = []
    by_load = {each.load: each for each in trials}
    for load, figure, limit, unit, more in TARGETS:
        if load not in by_load:
            continue
        value = getattr(by_load[load], figure)
        reached = value is not None and (value >= limit if more else abs(value) <= limit)
        sign = "at least" if more else "at most"
        shown = "-" if value is None else f"{value:.3f}"
        lines.append(f"{'reached' if reached else 'MISSED'}: {load} {figure} {shown} {unit} ({sign} {limit} {unit})")
    for each in trials:
        if each.load.startswith("image"):
            same = set(each.image_sha256) == {sha256}
            lines.append(f"{'reached' if same else 'MISSED'}: {each.load} image bytes equal to the file's")
    return lines
