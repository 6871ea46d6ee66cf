"""Shows a page again and again: in place on a terminal, one after the other elsewhere."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence

from mmcompose.cli.printing import streams
from mmcompose.cli.printing.output import say
from mmcompose.core.plain import visible
from mmcompose.model.failure import Failure

EVERY = 2.0
"""Seconds between two looks."""


def watching(look: Callable[[], Sequence[str]]) -> None:
    """Shows the page until Ctrl-C. A failure after the first page is shown, and may pass."""
    lines, shown = look(), 0
    live = streams.moving()
    try:
        while True:
            if live:
                shown = _over(lines, shown)
            else:
                say("\n".join([time.strftime("%H:%M:%S"), *lines]))
            time.sleep(EVERY)
            try:
                lines = look()
            except Failure as failure:
                lines = failure.message.splitlines()
    except KeyboardInterrupt:
        if not live:
            raise


def _over(lines: Sequence[str], before: int) -> int:
    """Draws over the present lines, never higher or wider than the terminal; returns their number."""
    room = shutil.get_terminal_size()
    high = max(room.lines - 1, 1)
    kept = [*lines[: high - 1], f"… and {len(lines) - high + 1} lines more"] if len(lines) > high else lines
    plain = "".join(f"{visible(line)[: room.columns]}\n" for line in kept)
    streams.draw(f"\x1b[{before}A\r\x1b[J{plain}" if before else plain)
    return len(kept)
