"""Packages that the bed adds to this machine by apt: written down as they come, taken back on request."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tests.bed import permission, place
from tests.bed.commands import BedError, run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

PATIENCE = 300
APT = {"DEBIAN_FRONTEND": "noninteractive"}


def record() -> Path:
    return place.home() / "added-packages"


def install(missing: Collection[str]) -> None:
    if not missing:
        return
    permission.need(" ".join(sorted(missing)))
    before = installed()
    try:
        patiently("install", "-y", "--no-install-recommends", *sorted(missing))
    finally:
        note(installed() - before)


def installed() -> set[str]:
    """Also those that were unpacked and not yet configured."""
    listed = run("dpkg-query", "--show", "--showformat", "${db:Status-Status} ${binary:Package}\n").splitlines()
    known = (line.split(" ", 1) for line in listed)
    return {name.partition(":")[0] for status, name in known if status not in ("not-installed", "config-files")}


def note(names: Iterable[str]) -> None:
    record().write_text("".join(f"{name}\n" for name in sorted({*noted(), *names})))


def noted() -> set[str]:
    return set(record().read_text().split()) if record().exists() else set()


def patiently(*arguments: str) -> None:
    env = {**os.environ, **APT}
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            run("dpkg", "--configure", "-a", env=env)  # a run killed half-way leaves packages unpacked only
            if arguments[0] == "install":
                run("apt-get", "-qq", "update", env=env)
            run("apt-get", "-qq", *arguments, env=env)
        except BedError as problem:
            # apt waits for another apt's lock in some of its commands only.
            if "lock" not in str(problem) or time.monotonic() > deadline:
                raise
            time.sleep(2)
        else:
            return


def take_back() -> tuple[set[str], set[str]]:
    """Remove what was added and nothing else needs; what went, and what stays since something else needs it."""
    ours = noted() & installed()
    going = ours
    # Removing a package takes along whatever depends on it: none of that may be somebody else's.
    while going and (others := falls_with(going) - going):
        going = {name for name in going if not falls_with({name}) & others}
    if going:
        patiently("purge", "-y", *sorted(going))
    record().unlink(missing_ok=True)
    return going, ours - going


def falls_with(names: Collection[str]) -> set[str]:
    reported = run("apt-get", "-qq", "--simulate", "purge", *sorted(names), env={**os.environ, **APT}).splitlines()
    return {line.split()[1].partition(":")[0] for line in reported if line.startswith(("Remv ", "Purg "))}
