"""Before anything outside the checkout is touched: what, how to undo it, and time to say no."""

from __future__ import annotations

import sys
import time
from functools import cache

from mmcompose.deploy.docker import noted_engine
from tests.bed import debian, permission, pins, place, shell

SECONDS = 5


@cache
def first(*, engine: bool) -> None:
    """Say it once; on a terminal, wait for Ctrl-C. Nothing is said where all of it has been done before."""
    rows = {**packages(), **(of_an_engine() if engine and not shell.programs().is_dir() else {})}
    if not rows:
        return
    width = max(map(len, rows))
    why = "No Docker is here: one is set up beside the system. " if engine else ""
    print(f"\n── {why}Outside this checkout that touches")
    for what, why in rows.items():
        print(f"   {what:{width}}  {why}")
    print(f"   `make undo` takes all of it back. {permission.FORBIDS}=0 forbids it.", flush=True)
    if sys.stdin.isatty() and sys.stdout.isatty():
        print(f"   Ctrl-C within {SECONDS} seconds stops here, with nothing touched.", flush=True)
        time.sleep(SECONDS)


def packages() -> dict[str, str]:
    missing = " ".join(sorted(debian.missing_tools()))
    return {"packages by apt": f"{missing}, and what they depend on"} if missing else {}


def of_an_engine() -> dict[str, str]:
    note = noted_engine.place()
    return {
        str(place.home()): f"a Docker Engine out of Debian {pins.LATE_SUITE}'s packages, its images, volumes and data",
        str(place.short()): "its socket",
        **({str(note): "tells mmcompose where that is"} if note else {}),
        "the network": "the bridge docker0, rules of iptables, and forwarding between networks",
    }
