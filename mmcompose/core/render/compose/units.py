"""Makes the Units of a profile: decides everything that its templates place on the page."""

from __future__ import annotations

from collections.abc import Mapping

from mmcompose.core.place import facts
from mmcompose.core.resolve import reasons
from mmcompose.core.render.arguments import Argument
from mmcompose.core.render.arguments import arguments as arguments_of
from mmcompose.core.render.compose import wiring
from mmcompose.core.render.compose.benches import benches
from mmcompose.core.render.compose.unit import Unit
from mmcompose.engines.flags.history import Histories
from mmcompose.model import Profile, Project, Seat, Service, Setting


def units(
    project: Project, profile: Profile, seats: Mapping[str, Seat], histories: Histories, client: str = ""
) -> dict[str, Unit]:
    """The Units of a profile. `client` is the content hash of the benchmark client's build folder."""
    made = {key: _unit(project, profile, key, seats[key], histories) for key in profile.services}
    return {
        key: unit._replace(benches=benches(unit, histories, client)) if unit.service.bench else unit
        for key, unit in made.items()
    }


def _unit(project: Project, profile: Profile, key: str, seat: Seat, histories: Histories) -> Unit:
    service, engine, tree, host = profile.services[key], profile.engines[key], profile.settings[key], profile.host
    name = profile.compose_name(key)
    accelerator = host.accelerator_for(service.gpu.count)
    config_folder = f"config/{profile.name}/{key}"
    hooked = accelerator == "nvidia" and host.toolkit == "nvidia"
    arguments = arguments_of(service, engine, tree, histories)
    return Unit(
        name=name,
        container=project.docker_name(name),
        network=profile.name,
        config_folder=config_folder,
        service=service,
        engine=engine,
        machine=host,
        accelerator=accelerator,
        tree=tree,
        model=facts.model_path(service),
        names=facts.names(service),
        arguments=arguments,
        ports=wiring.ports(service, seat),
        volumes=wiring.volumes(project, name, service),
        binds=wiring.binds(service, engine, config_folder),
        secrets=wiring.secrets(name, service),
        env=wiring.environment(service),
        exports=wiring.exports(service),
        device_ids=facts.gpu_ids(host, seat) if hooked else [],
        devices=facts.devices(host, accelerator, seat),
        groups=facts.groups(host, accelerator),
        labels=wiring.labelled(project, profile, key, seat),
        owner=facts.owner(service),
        build=wiring.build(service),
        benches=[],
        reasons=reasons.every(tree),
        placed_reasons=_shown_with_arguments(service, arguments),
    )


def _shown_with_arguments(service: Service, arguments: list[Argument]) -> set[str]:
    """The reasons beside the arguments of a command or a benchmark, which `why` need not place."""
    measured = {f"bench_args.{kind}.{name}" for kind in service.bench for name in service.bench_args.get(kind) or {}}
    return {reasons.NOTES, *measured, *(f"args.{name}" for parts, _, name in arguments if parts)}
