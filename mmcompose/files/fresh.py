"""Is there anything to do at all? Answered from hashes alone, before YAML, JSON Schema or Jinja are imported."""

from __future__ import annotations

from mmcompose.files import lock as locks
from mmcompose.files.lock import Lock
from mmcompose.files.project import Inputs


def fresh(inputs: Inputs, lock: Lock, today: str | None) -> bool:
    """Whether all inputs and outputs are what the lock says, made by this very compiler, and no waiver has ended."""
    if today and lock.until and lock.until < today:
        return False
    if not lock.outputs or lock.compiler != locks.compiler() or inputs.unreadable:
        return False
    if locks.of_inputs(inputs) != lock.inputs:
        return False
    root = str(inputs.root)
    for path, known in lock.outputs.items():
        try:
            with open(f"{root}/{path}", "rb") as file:
                if locks.digest(file.read()) != known:
                    return False
        except OSError:
            return False
    return True
