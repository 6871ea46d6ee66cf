"""From a profile or an address to the runs that measure it, one after the other."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from mmcompose.cli.printing.output import fail, note, typed
from mmcompose.cli.shell.bringing import bring, fresh, visited
from mmcompose.cli.shell.choosing import chosen
from mmcompose.cli.shell.failing import docker
from mmcompose.cli.shell.here import compiled, root, runs
from mmcompose.cli.shell.start_options import Wish
from mmcompose.deploy.interruption import terminable

if TYPE_CHECKING:
    from mmcompose.bench.run.measuring import Finished
    from mmcompose.bench.session.work import Request
    from mmcompose.cli.bench.progress import BenchProgress
    from mmcompose.deploy.start.at_hand import AtHand


def profile_runs(
    folder: str, name_or_model: str, request: Request, progress: BenchProgress, here: AtHand | None = None
) -> Generator[Finished]:
    """Runs each kind of each service; brings the profile up first unless it must not."""
    from mmcompose.bench.run.one_at_a_time import refuse_beside_profile
    from mmcompose.bench.session import in_order
    from mmcompose.bench.session.work import planned
    from mmcompose.core.read.adhoc import KINDS
    from mmcompose.deploy.start.down import volumes_kept
    from mmcompose.deploy.start.model_in_place import Requested, may_be_model, model_in_place

    here = here or fresh(folder, () if may_be_model(name_or_model) else (name_or_model,))
    found = model_in_place(here, name_or_model, Requested("bench run", request.values, KINDS))
    if found:
        note(f"{name_or_model} as {found.name}, on {found.backend}: {found.kept}")
    here, name = (found.here, found.name) if found else (here, chosen(here.made.profiles, name_or_model))
    measured, work = planned(here, name, request)
    # Kinds that were only named for this run change nothing of the engine, so it starts from its committed files.
    begun = measured if request.values else here
    if request.build_only:
        bring(begun, name, Wish(rebuild=request.rebuild, build_only=True))
        with docker(name) as engine:
            in_order.have_images(engine, measured, work, request, progress)
        return
    # What no profile describes goes afterwards: nobody would find in profiles/ what holds the GPU or the port.
    stays = not here.model or not request.autostart
    with nullcontext(request.visit) if request.visit else visited(here, name, stays=stays) as visit:
        refuse_beside_profile(visit.engine, visit.project, name)
        if request.autostart:
            taking = typed("--take")
            wanted = Wish(request.timeout, rebuild=request.rebuild, take=request.take, taking=taking, stays=stays)
            bring(begun, name, wanted, visit)
        runs(folder).settle(visit.engine)
        try:
            for finished in in_order.measured(visit.engine, measured, name, work, request, progress.of_kind, note):
                progress.end()
                yield finished
        finally:
            progress.end()
            if not stays and (kept := volumes_kept(measured.stack, name)):
                note(kept)


def all_up(folder: str, request: Request, progress: BenchProgress) -> Generator[Finished]:
    """Runs a sanity check of each profile that is up, as it runs; starts nothing."""
    from mmcompose.bench.session.work import checkable
    from mmcompose.deploy.docker.observe import deployments, observe
    from mmcompose.engines.known.benchmarks import gates

    here = fresh(folder)
    with docker() as engine:
        up = [one.profile for one in deployments(observe(engine, here.name)) if one.alive]
    able = checkable(here.made, up)
    for name in sorted(set(up) - set(able)):
        note(f"{name} has no engine that a sanity check could measure")
    if not able:
        fail("no profile that can be measured is up: name a profile, or an endpoint with --against URL", 1)
    for name in able:
        yield from profile_runs(folder, name, replace(request, kinds=gates(), autostart=False), progress, here)


def against(folder: str, url: str, request: Request, progress: BenchProgress) -> Generator[Finished]:
    """Any endpoint, by kinds that need only its address."""
    from mmcompose.bench.run.address import checked
    from mmcompose.bench.session import at_address

    checked(url)
    place, made = root(folder), compiled(folder)
    kinds = at_address.kinds_for(made, request)
    with terminable(), docker() as engine:
        runs(folder).settle(engine)
        try:
            for finished in at_address.measured(engine, place, made, url, kinds, request, progress):
                progress.end()
                yield finished
        finally:
            progress.end()
