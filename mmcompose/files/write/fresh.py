"""Decides by hashes alone whether there is anything to write, before YAML, JSON Schema or Jinja are imported.

Only a lock that was written here may decide: a commit can bring a false one. No judgement ever rests on it.
"""

from __future__ import annotations

from pathlib import Path

from mmcompose.files.gather import lock as locks
from mmcompose.files.gather.lock import Lock
from mmcompose.files.gather.project import Inputs
from mmcompose.files.reading import content
from mmcompose.files.write.artifacts import INTENT
from mmcompose.model.targets import TARGETS


def fresh(inputs: Inputs, lock: Lock) -> bool:
    """Whether all inputs and outputs match the lock, and this very compiler wrote it."""
    if (inputs.root / INTENT).exists():
        return False  # a render was killed; its list of intents is still to be put away
    if not lock.outputs or lock.compiler != locks.compiler() or inputs.unreadable:
        return False
    if locks.of_inputs(inputs) != lock.inputs:
        return False
    return all(_is(inputs.root, path, known) for path, known in lock.outputs.items())


def unchanged(inputs: Inputs, lock: Lock) -> frozenset[str]:
    """The profiles' files, by path, whose outputs are unchanged.

    None if an input that profiles share has changed; a profile whose output was touched is left out.
    """
    now = locks.of_inputs(inputs)
    if lock.compiler != locks.compiler() or inputs.unreadable:
        return frozenset()
    different = {path for path in {*now, *lock.inputs} if now.get(path) != lock.inputs.get(path)}
    if any(profile_of(path) is None for path in different):
        return frozenset()
    touched = {profile_of(path) for path, known in lock.outputs.items() if not _is(inputs.root, path, known)}
    same = (path for path in now if path not in different and profile_of(path) not in {None, *touched})
    return frozenset(same)


def profile_of(path: str) -> str | None:
    """The profile of a source or an output, if it belongs to exactly one."""
    folder, _, file = path.rpartition("/")
    if folder == "profiles" and file.endswith(".yaml") and file != "defaults.yaml":
        return file.removesuffix(".yaml")
    return next((found for layout in TARGETS.values() if (found := layout.profile_of(path))), None)


def _is(root: Path, path: str, known: str) -> bool:
    try:
        return locks.digest(content(f"{root}/{path}")) == known
    except OSError:
        return False
