"""Plans which profiles must stop so that another can start, and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmcompose.core.hints import listing
from mmcompose.deploy.docker.observe import Deployment, Running
from mmcompose.deploy.handover.promises import same_card, too_much
from mmcompose.deploy.moments import local
from mmcompose.deploy.wanted import WantedProfile
from mmcompose.model import Stack
from mmcompose.model.paths import SETTINGS


@dataclass(frozen=True, slots=True)
class Stop:
    """A profile that makes room."""

    deployment: Deployment
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.deployment.profile

    @property
    def running(self) -> tuple[Running, ...]:
        return tuple(one for one in self.deployment.containers if one.alive)


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan. `stops` are other profiles; `own` runs already; `replaces` are containers of this profile that are
    in its way."""

    wanted: WantedProfile
    stops: tuple[Stop, ...]
    own: tuple[Running, ...] = ()
    replaces: tuple[Running, ...] = ()
    up: bool = False
    """All engines of the wanted profile run already, and nothing about them has to change."""

    @property
    def free(self) -> bool:
        return not self.stops


def plan(wanted: WantedProfile, stack: Stack, found: Sequence[Deployment], *, changed: bool = False) -> Plan:
    """The plan. `changed`: the profile runs with other values than requested, and makes way for itself."""
    own = next((d for d in found if (d.project, d.profile) == (wanted.project, wanted.profile)), None)
    alive = tuple(one for one in own.engines if one.alive) if own else ()
    up = not changed and {one.service for one in alive} >= {service.service for service in wanted.services}
    others = [d for d in found if d is not own and d.alive]
    reasons = [_reasons_to_stop(wanted, other) for other in others]
    beside = [other for other, why in zip(others, reasons, strict=True) if not why]
    # What is up has its memory already.
    for leaving, why in too_much(wanted, beside, stack) if not up else ():
        reasons[others.index(leaving)].append(why)
    stops = [Stop(other, tuple(why)) for other, why in zip(others, reasons, strict=True) if why]
    replaces = tuple(one for one in own.containers if one.compose_project != wanted.project) if own else ()
    return Plan(wanted, tuple(stops), alive, replaces, up)


def _reasons_to_stop(wanted: WantedProfile, other: Deployment) -> list[str]:
    """The resources of a running profile that the wanted one needs, from the labels of its containers."""
    shared_cards = [card for card in wanted.gpus if any(same_card(card, theirs) for theirs in other.gpus)]
    names = f"GPU {listing(shared_cards)}"
    reasons = []
    if shared_cards and other.exclusive:
        reasons.append(f"it owns {names}")
    elif shared_cards and wanted.exclusive:
        reasons.append(f"{wanted.profile} needs {names} alone")
    ports = sorted(wanted.published & other.published)
    if ports:
        reasons.append(f"it publishes port {listing(ports)}")
    return reasons


def lines(plan: Plan) -> list[str]:
    """The plan as text, shown before anything is done."""
    shown = []
    for stop in plan.stops:
        shown.append(f"stop   {full_name(stop, plan.wanted.project)}: {'; '.join(stop.reasons)}")
        shown += [f"         {one.name} ({_described(one)})" for one in stop.running]
    for one in plan.replaces:
        shown.append(f"remove {one.name}: it was started by {one.started_by}")
    gpus = f" on GPU {listing(plan.wanted.gpus)}" if plan.wanted.gpus else ""
    shown.append(f"{'keep ' if plan.up and not plan.replaces else 'start'}  {plan.wanted.profile}{gpus}")
    shown += [f"         {one.container} ({one.image})" for one in plan.wanted.services]
    return shown


def full_name(stop: Stop, project: str) -> str:
    """A profile's name; that of another project has the project's name before it."""
    deployment = stop.deployment
    return deployment.profile if deployment.project == project else f"{deployment.project}/{deployment.profile}"


def _described(one: Running) -> str:
    since = f" since {local(one.started)}" if one.started else ""
    return f"{one.status}{since}, started by {one.started_by}"


def elsewhere(plan: Plan, root: Path) -> str:
    """Another folder with a project of the same name, if its profile is up; a folder that is gone does not count."""
    here = root.resolve()
    for one in plan.own:
        for file in filter(None, one.compose_files):
            folder = next((up for up in Path(file).parents if (up / SETTINGS).is_file()), None)
            if folder is not None and folder.resolve() != here:
                return str(folder)
    return ""


def refusal(plan: Plan, taking: str, folder: str = "") -> str:
    """The message of `up` if it may not stop other profiles; `taking` is the command that may."""
    if folder and plan.free:
        return (
            f"{plan.wanted.profile} is up from {folder}, a project of the same name; nothing was done.\n"
            f"Give one of them another `name:` in its {SETTINGS}; `{taking}` replaces it by this folder's"
        )
    names = listing(full_name(stop, plan.wanted.project) for stop in plan.stops)
    verb = "is" if len(plan.stops) == 1 else "are"
    shown = "\n".join(f"  {line}" for line in lines(plan))
    todo = f"`{taking}` carries it out, and brings {names} back if it fails"
    return f"{names} {verb} in the way of {plan.wanted.profile}; nothing was done. The plan would be:\n{shown}\n{todo}"
