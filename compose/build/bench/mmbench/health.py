"""Decides whether a level went well. The verdict is written into its point, so that every reader judges as the run
did."""

from __future__ import annotations

from typing import Any

MET = 0.95


def healthy(point: dict[str, Any], max_error_share: float) -> bool:
    """Whether something was answered, no more failed than allowed, objectives were met, and no answer was below its
    limits.

    Objectives count as met when 95 % of the requests met them: one slow request must not move the knee.
    """
    good, score = point["goodput"], point["score"] or {}
    return (
        point["requests"]["ok"] > 0
        and (point["error_share"] or 0.0) <= max_error_share
        and (good is None or (good["share"] or 0.0) >= MET)
        and score.get("ok") is not False
    )
