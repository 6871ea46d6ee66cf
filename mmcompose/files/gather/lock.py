"""Reads and writes compose/mmcompose.lock: the inputs of the outputs, and the seats that must stay.

It comes with a commit, so it proves nothing: its hashes of outputs are believed only if `seal` shows that it was
written here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mmcompose import __version__
from mmcompose.files import reading
from mmcompose.files.gather import shipped
from mmcompose.files.gather.project import Inputs
from mmcompose.model.failure import Failure
from mmcompose.model.targets import COMPOSE, TARGETS

if TYPE_CHECKING:
    from mmcompose.model import Seat

NAME = f"{COMPOSE.name}/mmcompose.lock"
_PURE = ("model", "core", "engines")
_LONGEST_NAME = 255
_RELEASE = r"[0-9][0-9A-Za-z.+]{0,31}"


class Lock(NamedTuple):
    """Hashes of inputs and outputs by path, and the seats by profile and service."""

    compiler: str = ""
    inputs: Mapping[str, str] = {}
    outputs: Mapping[str, str] = {}
    placement: Mapping[str, Any] = {}
    """The seats as the file holds them; `seats` makes nouns of them for callers that need more than hashes."""
    until: str = ""
    """The first day on which a waiver ends, for people who read the lock. No command reads it."""
    release: str = ""
    """The release of mmcompose that wrote it."""
    data: bytes = b""
    """The file as it was read."""

    @property
    def writer(self) -> str:
        """The mmcompose that wrote the lock, if it was another one than this; else empty."""
        if not self.compiler or self.compiler == compiler():
            return ""
        if self.release == __version__:
            return f"another build of mmcompose {__version__} than this one"
        known = re.fullmatch(_RELEASE, self.release)
        named = f"mmcompose {self.release}" if known else "an mmcompose that recorded no release"
        return f"{named}, this is {__version__}"

    @property
    def seats(self) -> dict[str, dict[str, Seat]]:
        from mmcompose.model import Seat

        try:
            return {
                profile: {
                    name: Seat(
                        {str(port): int(at) for port, at in seat["ports"].items()}, tuple(map(int, seat["gpus"]))
                    )
                    for name, seat in services.items()
                }
                for profile, services in self.placement.items()
            }
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise BadLock(_REPAIR) from error


_REPAIR = (
    f"{NAME} is not a lock: restore it from git, or delete it and render again"
    " (ports and GPUs are then given out afresh)"
)


def placed(seats: Mapping[str, Mapping[str, Seat]]) -> dict[str, Any]:
    """Seats in the form of the file."""
    return {
        profile: {name: {"gpus": list(seat.gpus), "ports": dict(seat.ports)} for name, seat in services.items()}
        for profile, services in sorted(seats.items())
    }


class BadLock(Failure):
    code = 2


def ours(path: str) -> bool:
    """Whether a render may write this path."""
    return any(layout.holds(path) for layout in TARGETS.values()) and _is_inside(path)


def _is_inside(path: str) -> bool:
    """Whether it is a path of a file in the project."""
    return all(map(_holdable, path.split("/")))


def _holdable(name: str) -> bool:
    """Whether a folder can hold a file of that name."""
    try:
        return name not in ("", ".", "..") and "\0" not in name and len(os.fsencode(name)) <= _LONGEST_NAME
    except UnicodeEncodeError:
        return False


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest_of(text: str) -> str:
    """The hash of a text as it lies on the disk, with bytes that are no UTF-8 restored."""
    return digest(text.encode("utf-8", "surrogateescape"))


def read(root: Path) -> Lock:
    try:
        content = reading.content(root / NAME)
    except (FileNotFoundError, NotADirectoryError):
        return Lock()
    except OSError as error:
        raise BadLock(f"{NAME} cannot be read: {error.strerror}") from error
    try:
        data = json.loads(content.decode("utf-8", "surrogateescape"))
        inputs, outputs, seats = (dict(data[part]) for part in ("inputs", "outputs", "seats"))
        release = str(data.get("mmcompose", ""))
        lock = Lock(data["compiler"], inputs, outputs, seats, str(data["until"]), release, content)
        if not all(isinstance(known, str) and _is_inside(path) for path, known in lock.outputs.items()):
            raise BadLock(_REPAIR)
        # Another release may have a target that this one lacks: its files stay as they are.
        return lock._replace(outputs={path: known for path, known in lock.outputs.items() if ours(path)})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadLock(_REPAIR) from error


def text(lock: Lock) -> str:
    """The lock's text: one sorted line per entry, so that merges touch only the changes."""
    data: dict[str, Any] = {
        "mmcompose": __version__,
        "compiler": lock.compiler,
        "until": lock.until,
        "inputs": dict(sorted(lock.inputs.items())),
        "outputs": dict(sorted(lock.outputs.items())),
        "seats": lock.placement,
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def of_inputs(inputs: Inputs) -> dict[str, str]:
    """A hash for each file of the project, and one for all files that came with mmcompose."""
    own = {path: digest(inputs.files[path]) for path in sorted(inputs.own) if path in inputs.files}
    others = [f"{path}\0{digest(inputs.files[path])}" for path in sorted(inputs.files) if path not in inputs.own]
    return {**own, "mmcompose:": digest("\n".join(others).encode("utf-8", "surrogateescape"))} if others else own


@cache
def compiler() -> str:
    """One hash over the code that turns inputs into outputs: the pure rooms."""
    whole = hashlib.sha256(__version__.encode())
    for part in _PURE:
        for base, folders, names in os.walk(f"{shipped.PACKAGE}/{part}"):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(names):
                whole.update(name.encode())
                whole.update(reading.content(f"{base}/{name}"))
    return whole.hexdigest()
