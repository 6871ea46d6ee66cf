"""The program in a process of its own, forked from one that has loaded it already: that takes a tenth of the time of
starting Python and loading it anew, which tests do hundreds of times. What starting is like, other tests show."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pkgutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import mmcompose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROGRAM = str(Path(sys.executable).with_name("mmcompose"))
LIBRARIES = ("google.protobuf.text_format", "jinja2", "jsonschema", "python_on_whales", "tabulate")
NETWORK = 0x40000000
"""The kernel's number for a namespace of networks."""

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    [*LIBRARIES, *(module.name for module in pkgutil.walk_packages(mmcompose.__path__, "mmcompose."))]
)


class Ended(NamedTuple):
    code: int
    out: str
    err: str


def run(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], *, network: str = "", timeout: float = 600
) -> Ended:
    """``mmcompose …`` in a folder, with nothing else in its environment; ``network`` is another's to be in."""
    with tempfile.TemporaryDirectory(prefix="mmcompose-forked-") as place:
        out, err = Path(place, "out"), Path(place, "err")
        child = _processes.Process(target=_live, args=(list(arguments), folder, dict(environment), network, out, err))
        child.start()
        child.join(timeout)
        if child.exitcode is None:
            child.kill()
            child.join()
            raise TimeoutError(f"mmcompose {' '.join(arguments)} ran for {timeout} s: {err.read_text()}")
        texts = (file.read_bytes().decode("utf-8", "surrogateescape") for file in (out, err))
        return Ended(child.exitcode, *texts)


def _live(arguments: list[str], folder: Path, environment: dict[str, str], network: str, out: Path, err: Path) -> None:
    from mmcompose.__main__ import run as program

    if network:
        with Path(network).open("rb") as namespace:
            assert ctypes.CDLL(None).setns(namespace.fileno(), NETWORK) == 0
    for number, place in ((0, Path(os.devnull)), (1, out), (2, err)):
        file = os.open(place, os.O_RDWR | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = [PROGRAM, *arguments]
    program()
