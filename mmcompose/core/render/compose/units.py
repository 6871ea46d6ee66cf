"""Makes the Units of a profile: decides everything that its templates place on the page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mmcompose.core.place import facts, supplies
from mmcompose.core.resolve import reasons
from mmcompose.core.render.arguments import Argument
from mmcompose.core.render.arguments import arguments as arguments_of
from mmcompose.core.render.compose import wiring
from mmcompose.core.render.compose.benches import benches
from mmcompose.core.render.compose.fetching import fetching
from mmcompose.core.render.compose.unit import Unit
from mmcompose.engines.flags.history import Histories
from mmcompose.model import Profile, Project, Seat, Service, Setting
from mmcompose.model.paths import FETCH

def units(
    project: Project,
    profile: Profile,
    seats: Mapping[str, Seat],
    histories: Histories,
    contents: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Unit]:
    """The Units of a profile. `contents` are the content hashes of our build folders."""
    made = {key: _unit(project, profile, key, seats[key], histories) for key in profile.services}
    program = contents.get(FETCH, "")
    return {
        key: unit._replace(benches=benches(unit, histories, contents), fetch=fetching(unit, program))
        for key, unit in made.items()
    }


def _unit(project: Project, profile: Profile, key: str, seat: Seat, histories: Histories) -> Unit:
    engine, tree, host = profile.engines[key], profile.settings[key], profile.host
    name = profile.compose_name(key)
    service, token = supplies.without_token(profile.services[key])
    owners = supplies.owners(service, host)
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
        loads=supplies.loaded(service, engine),
        names=facts.names(service),
        arguments=arguments,
        ports=wiring.ports(service, seat),
        volumes=wiring.volumes(project, name, service, host),
        binds=wiring.binds(service, engine, host, config_folder),
        secrets=wiring.secrets(name, service.secrets),
        token=next(iter(wiring.secrets(name, token)), None),
        env=wiring.environment(service, engine),
        exports=wiring.exports(service),
        device_ids=facts.gpu_ids(host, seat) if hooked else [],
        devices=facts.devices(host, accelerator, seat),
        groups=facts.groups(host, accelerator),
        labels=wiring.labelled(project, profile, key, seat),
        owner=next(iter(owners), ""),
        owners=owners,
        build=wiring.build(service),
        benches=[],
        fetch=None,
        reasons=reasons.every(tree),
        placed_reasons=_shown_with_arguments(service, arguments),
    )


def _shown_with_arguments(service: Service, arguments: list[Argument]) -> set[str]:
    """The reasons beside the arguments of a command or a benchmark, which `why` need not place."""
    measured = {f"bench_args.{kind}.{name}" for kind in service.bench for name in service.bench_args.get(kind) or {}}
    return {reasons.NOTES, *measured, *(f"args.{name}" for parts, _, name in arguments if parts)}
