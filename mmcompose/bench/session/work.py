"""Decides the work of `bench run`: the requested kinds in their order, with options that the client has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mmcompose.bench.run.input import Input
from mmcompose.core.check.benchmarks import OF_A_PERSON, refused_options
from mmcompose.core.hints import listing, nearest
from mmcompose.core.pipeline import Compilation
from mmcompose.core.read.overrides import Override, parse
from mmcompose.core.render.compose.unit import Beside
from mmcompose.core.render.compose.units import units as units_of
from mmcompose.deploy.handover.visit import Visit
from mmcompose.deploy.start.at_hand import AtHand
from mmcompose.engines.known.benchmarks import RELEASE, Kind, contained, gates, kinds
from mmcompose.model import Service
from mmcompose.model.failure import Failure


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `more` are the client's own options; `files` are those of this machine, by the option of the
    program that reads them; `typed` is the typed command; `visit` is the visit that it belongs to."""

    kinds: Sequence[str] = ()
    more: Sequence[str] = ()
    values: Sequence[Override] = ()
    service: str | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    autostart: bool = True
    take: bool = False
    rebuild: bool = False
    build_only: bool = False
    timeout: float | None = None
    typed: str = ""
    visit: Visit | None = None

    def given_to(self, kind: Kind) -> Input | None:
        place = self.files.get(kind.reads)
        return Input(kind.reads, place) if place else None


def planned(here: AtHand, name: str, request: Request) -> tuple[AtHand, list[tuple[str, Beside]]]:
    """The project with the requested values and kinds, and the work. Raises Failure if a part of it cannot be
    measured."""
    _refuse_outside(here.made, name, request)
    _refuse_unanswered(here.made, name, request)
    measured = _with_kinds(here, name, request)
    work = work_of(measured.made, name, request)
    know_options(measured.made, request, measured.made.profiles[name].services[work[0][0]])
    know_inputs([contained()[bench.kind] for _, bench in work], request)
    return measured, work


def checkable(made: Compilation, names: Collection[str]) -> list[str]:
    """The profiles that a gate could measure."""
    probes = {kind for gate in gates() for kind in contained()[gate].asks}
    known = [name for name in names if name in made.profiles]
    return [name for name in known if probes & {engine.probe.kind for engine in made.profiles[name].engines.values()}]


def _with_kinds(here: AtHand, name: str, request: Request) -> AtHand:
    """The project, in which the profile has the values and the requested kinds."""
    listed = {kind for service in here.made.profiles[name].services.values() for kind in service.bench}
    added, problems = parse([f"bench+={kind}" for kind in request.kinds if kind not in listed])
    if problems:
        raise Failure("\n".join(map(str, problems)), 2)
    if here.typed and not added:
        return here
    return here.with_values(name, [*request.values, *added])


def _refuse_outside(made: Compilation, name: str, request: Request) -> None:
    """Refuses unknown kinds, and those that the host measures: their load must begin with nothing up, and no container
    can observe it."""
    listed = {kind for service in made.profiles[name].services.values() for kind in service.bench}
    wanted = request.kinds or ([] if listed & contained().keys() else sorted(listed))
    for kind in wanted:
        if kind not in kinds():
            raise Failure(f"no benchmark {kind!r} ({nearest(kind, contained())})", 2)
        if kind not in contained():
            message = f"{kind} is measured from outside, while {name} loads and unloads"
            raise Failure(f"{message}: mmcompose bench {kind} {name}", 2)


def _refuse_unanswered(made: Compilation, name: str, request: Request) -> None:
    """Refuses requested kinds that ask what no engine of the profile answers, unless values may change its engine."""
    answered = {engine.probe.kind for engine in made.profiles[name].engines.values()}
    for kind in () if request.values else request.kinds:
        asks = contained()[kind].asks
        if asks and not answered & set(asks):
            able = [each for each, other in contained().items() if answered & set(other.asks)]
            hint = f"; it can be measured by {listing(able)}" if able else ""
            message = (
                f"{kind} asks endpoints of the kind {listing(asks)}, and {name} is of the kind {listing(answered)}"
            )
            raise Failure(message + hint, 2)


def work_of(made: Compilation, name: str, request: Request) -> list[tuple[str, Beside]]:
    assert made.stack is not None
    units = units_of(
        made.stack.project, made.profiles[name], made.stack.seats[name], made.given.histories, made.contents
    )
    wanted = list(request.kinds)
    if request.service is not None and request.service not in units:
        raise Failure(f"{name} has no service {request.service!r}; it has {', '.join(units)}", 2)
    found = [
        (key, bench)
        for key, unit in units.items()
        if request.service in (None, key)
        for bench in unit.benches
        if not wanted or bench.kind in wanted
    ]
    if not found:
        raise Failure(
            f"{name} has nothing to measure: write `bench:` into it, or name one of {', '.join(contained())}", 2
        )
    return sorted(found, key=lambda pair: wanted.index(pair[1].kind)) if wanted else found


def know_options(made: Compilation, request: Request, service: Service | None = None) -> None:
    """Refuses options that the client does not have, before anything starts for it."""
    for name in request.kinds if request.more else ():
        kind = contained()[name]
        version = kind.release(service) if service else RELEASE
        # At an address nobody else says which model is meant.
        free = OF_A_PERSON if service else (*OF_A_PERSON, "model")
        wrong = list(refused_options(kind, version, request.more, made.given.histories, free))
        if wrong:
            raise Failure("\n".join(wrong), 2)


def know_inputs(kinds: Iterable[Kind], request: Request) -> None:
    """Refuses kinds that need a file or folder which nobody has named, or whose files the named folder lacks."""
    missing = [fault for kind in kinds if (fault := _missing(kind, request.files.get(kind.reads)))]
    if missing and not request.build_only:
        raise Failure("\n".join(missing), 2)


def _missing(kind: Kind, place: Path | None) -> str:
    """Describes the file or folder that a kind lacks; empty if it lacks none."""
    if place is None:
        return kind.without
    if not kind.holds or not place.is_dir() or any((place / name).is_file() for name in kind.holds):
        return ""
    return f"{place} has no file {' or '.join(kind.holds)}: {kind.without}"
