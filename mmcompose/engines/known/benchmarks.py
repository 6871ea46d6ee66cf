"""The kinds of benchmark: the engines that each can measure, its program, and the wiring of its container.

A table is `benchmark.json` in the folder of its program.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from mmcompose.engines.known.folder import fixed, having, text
from mmcompose.model import Service

FILE = "benchmark.json"
CONTEXT = "bench"
"""The build folder of the client's image, under compose/build/."""
RELEASE = "0.1.0"
"""The release of the client that comes with mmcompose."""


class Kind(NamedTuple):
    """One kind of benchmark. `runs_in` tells where: in an image of ours, in the engine's own, or on the host, from
    where mmcompose itself looks at the engine while it loads and unloads. `context` is the build folder of our image.

    A `gate` is a check in seconds: it runs where nobody names a kind, and nothing more is measured where it fails.
    `results` is the kind of its results, where several kinds of benchmark have results of one kind. `reads` is its
    option for a file or folder of this machine, `without` the refusal where a person must name one,
    and `holds` are the files of which a folder must have one. `evaluates` is the
    name that `eval run` has for it; a `usual` one runs where nobody names any. `asks` are kinds of endpoints; `engines`
    those whose image has the program, known by the flags that they take.
    """

    name: str
    history: str
    program: tuple[str, ...]
    runs_in: Literal["client", "engine", "host"] = "client"
    context: str = CONTEXT
    results: str = ""
    gate: bool = False
    reads: str = ""
    without: str = ""
    holds: tuple[str, ...] = ()
    evaluates: str = ""
    usual: bool = False
    asks: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    reaches: Mapping[str, str | bool] = {
        "base_url": "{server}{prefix}",
        "model": "{served_name}",
        "api_key_file": "{key_file}",
    }
    """Options that lead it to the engine, by the names that the flag history has: a text, whose braces are filled in,
    or true for a switch."""
    takes_over: tuple[str, ...] = ()
    """Switches of the engine that its program needs too."""
    keeps: Mapping[str, str | bool] = {"out": "/results"}
    """Options by which it keeps its measurements."""
    of_a_run: tuple[str, ...] = ("run_dir", "context", "label", "progress")
    """Options that each run sets anew."""
    env: Mapping[str, str] = {}
    tmpfs: str = "64m"
    memory: str = "1g"
    pids: int = 256

    @property
    def ours(self) -> bool:
        return self.runs_in == "client"

    @property
    def written(self) -> tuple[str, ...]:
        """Options that nobody else may set."""
        return (*self.reaches, *self.keeps, *self.of_a_run)

    def release(self, service: Service) -> str | None:
        """The release of its program beside this service."""
        return RELEASE if self.ours else service.release

    def command(self, service: Service, place: Mapping[str, str]) -> Iterator[str]:
        """The program, with the options that no preset replaces; one whose text is empty is left out. `place` fills
        the texts in: server, prefix, path, weights, served_name, key_file."""
        taken = {name: True for name in self.takes_over if service.args.get(name) is True}
        yield from self.program
        for name, filled in {**self.reaches, **taken, **self.keeps}.items():
            value = filled.format_map(place) if isinstance(filled, str) else ""
            if value or filled is True:
                yield f"--{name.replace('_', '-')}"
            if value:
                yield value


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds by name."""
    found = [read(program, text(program, FILE) or "") for program in having(FILE)]
    return {kind.name: kind for kind in found}


def contained() -> Mapping[str, Kind]:
    """The kinds that are containers beside the engine."""
    return {name: kind for name, kind in kinds().items() if kind.runs_in != "host"}


def evals() -> Mapping[str, Kind]:
    """The kinds that score answers, by the names that `eval run` has for them."""
    return {kind.evaluates: kind for kind in kinds().values() if kind.evaluates}


def beside(service: Service) -> list[Kind]:
    """The kinds of a service that are containers, in its order."""
    known = contained()
    return [known[name] for name in dict.fromkeys(service.bench) if name in known]


def gates() -> list[str]:
    """The checks that run where nobody names a kind."""
    return [name for name, kind in kinds().items() if kind.gate]


def read(folder: str, table: str) -> Kind:
    """One table; the folder in which it lies bears the name of the flag history."""
    data: dict[str, Any] = json.loads(table)
    name = data.pop("kind")
    usual = {"program": ("python", "-m", "mmbench", name), "results": name}
    return Kind(name, folder, **{**usual, **fixed(data)})
