"""Checks that a profile's host meets the requirements under `runs_on:`."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.sizes import in_bytes
from mmcompose.model import Machine, Problem, Profile, RunsOn

_SPOKEN = {"nvidia": "an NVIDIA GPU", "amd": "an AMD GPU", "intel": "an Intel GPU", "cpu": "a CPU alone"}


_FOLLOWING = frozenset({"accelerator", "build"})
"""Rules about engines that report the same cause in other words, on a machine of the wrong kind."""


def of_another_kind(wanted: RunsOn | None, machine: Machine) -> bool:
    """Whether the host has another kind of accelerator; then no fault about GPUs is reported."""
    return wanted is not None and bool(wanted.accelerator) and machine.accelerator not in wanted.accelerator


def first_causes(found: list[Problem], wanted: RunsOn | None, machine: Machine) -> list[Problem]:
    """The problems without those that only repeat the cause which `check` reports."""
    if not of_another_kind(wanted, machine):
        return found
    return [problem for problem in found if problem.rule not in _FOLLOWING]


def check(profile: Profile) -> Iterator[Problem]:
    """Reports each requirement that the host does not meet, as an error: there is no silent fallback."""
    wanted = profile.runs_on
    if wanted is None:
        return
    for key, lacks in _lacking(wanted, profile.host):
        hint = (
            "name a host that has it under host: in mmcompose.yaml, for all profiles, or here; or delete this profile"
        )
        message = f"{lacks}; the host is {profile.host.name}"
        yield Problem(wanted.origin, f"runs_on.{key}", message, hint, "runs_on")


def _lacking(wanted: RunsOn, machine: Machine) -> Iterator[tuple[str, str]]:
    if wanted.accelerator and of_another_kind(wanted, machine):
        yield "accelerator", f"needs {' or '.join(_SPOKEN[kind] for kind in wanted.accelerator)}"
        return
    least = wanted.vram or "0b"
    cards = [card for card in machine.gpus if in_bytes(card.vram) >= in_bytes(least)]
    count = wanted.gpus or (1 if wanted.vram else 0)
    if len(cards) < count:
        of = f" with {wanted.vram}" if wanted.vram else ""
        yield "vram" if wanted.vram else "gpus", f"needs {count} GPU{'s' if count > 1 else ''}{of}"
    if wanted.memory and in_bytes(machine.memory) < in_bytes(wanted.memory):
        yield "memory", f"needs {wanted.memory} of memory, the machine has {machine.memory}"
