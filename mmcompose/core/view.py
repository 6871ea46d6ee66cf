"""What a template sees: one Unit per container, with everything decided and nothing left to compute.

Templates place values on the page; they hold no logic about engines, hosts or layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mmcompose.core import reasons, wiring
from mmcompose.core.benches import Bench, benches
from mmcompose.core.rules import titles
from mmcompose.core.sizes import in_bytes
from mmcompose.core.wiring import Argument, Bind, Port, SecretFile, Volume
from mmcompose.engines.argv import command_line
from mmcompose.engines.history import History
from mmcompose.engines.place import Place
from mmcompose.model import Engine, Machine, Profile, Project, Seat, Service, Setting, dotted

Histories = Callable[[str], History | None]


@dataclass(frozen=True, slots=True)
class Unit:
    """One container of a profile, as its template sees it."""

    name: str
    container: str
    network: str
    config_folder: str
    service: Service
    engine: Engine
    machine: Machine
    accelerator: str
    tree: Setting
    model: str
    names: list[str]
    arguments: list[Argument]
    ports: list[Port]
    volumes: list[Volume]
    binds: list[Bind]
    secrets: list[SecretFile]
    env: Mapping[str, str]
    exports: str
    device_ids: list[str]
    devices: list[str]
    groups: list[str]
    labels: Mapping[str, str]
    owner: str
    build: Mapping[str, str]
    benches: list[Bench]
    reasons: Mapping[str, str]
    said: set[str]
    """The names of the reasons that have found their line."""

    @property
    def identity(self) -> Mapping[str, str]:
        """The labels of containers beside the engine: they hold none of what it holds."""
        return {name: value for name, value in self.labels.items() if name not in wiring.HELD}

    @property
    def template(self) -> str:
        return f"{self.engine.name}/service.yaml.j2"

    @property
    def shape(self) -> tuple[object, ...]:
        """Which parts a template writes for this unit, whatever the values in them."""
        service = self.service
        parts = (self.volumes, self.binds, self.secrets, self.env, self.ports, self.arguments, self.device_ids)
        more = (self.devices, self.groups, self.build, self.owner, self.exports, self.service.aliases, self.waivers)
        kinds = tuple(bench.kind for bench in self.benches)
        nouns = (service.health, service.security, service.logging)
        return (self.engine.name, self.accelerator, kinds, *map(bool, parts), *map(bool, more), *nouns)

    @property
    def notes(self) -> str | None:
        return reasons.notes(self.service)

    def why(self, *path: str | int) -> str | None:
        """The reason of one value, for the line beside which it stands."""
        name = dotted(path)
        self.said.add(name)
        return self.reasons.get(name)

    def further_reasons(self) -> list[tuple[str, str]]:
        """Those that no line has asked for: of values without a line of their own."""
        return [(name, text) for name, text in self.reasons.items() if name not in self.said]

    @property
    def waivers(self) -> list[str]:
        known = titles()
        return [f"waived {w.rule} ({known.get(w.rule, '')}) until {w.until}: {w.reason}" for w in self.service.waivers]


def units(
    project: Project, profile: Profile, seats: Mapping[str, Seat], histories: Histories, client: str = ""
) -> dict[str, Unit]:
    """`client` is the content hash of the benchmark client's build folder."""
    made = {key: _unit(project, profile, key, seats[key], histories) for key in profile.services}
    return {
        key: replace(unit, benches=benches(unit, histories, client)) if unit.service.bench else unit
        for key, unit in made.items()
    }


def place_of(service: Service, host: Machine) -> Place:
    """What configuration files may depend on beside a service's settings."""
    read_only = [mount.target for mount in service.mounts if mount.read_only]
    written = [*service.caches.values(), *service.tmpfs, *(m.target for m in service.mounts if not m.read_only)]
    writable = sorted(written) if service.security.read_only else None
    return Place(wiring.model_path(service), ["/models", *read_only], in_bytes(host.memory) / (1 << 30), writable)


def _unit(project: Project, profile: Profile, key: str, seat: Seat, histories: Histories) -> Unit:
    service, engine, tree, host = profile.services[key], profile.engines[key], profile.settings[key], profile.host
    name = profile.compose_name(key)
    accelerator = host.accelerator_for(service.gpu.count)
    config_folder = f"config/{profile.name}/{key}"
    hooked = accelerator == "nvidia" and host.toolkit == "nvidia"
    arguments = _arguments(service, engine, tree, histories)
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
        model=wiring.model_path(service),
        names=wiring.names(service),
        arguments=arguments,
        ports=wiring.ports(service, seat),
        volumes=wiring.volumes(project, name, service),
        binds=wiring.binds(service, engine, config_folder),
        secrets=wiring.secrets(name, service),
        env=wiring.environment(service),
        exports=wiring.exports(service),
        device_ids=wiring.gpu_ids(host, seat) if hooked else [],
        devices=wiring.devices(host, accelerator, seat),
        groups=wiring.groups(host, accelerator),
        labels=wiring.labels(project, profile, key, seat),
        owner=wiring.owner(service),
        build=wiring.build(service),
        benches=[],
        reasons=reasons.every(tree),
        said=_said_elsewhere(service, arguments),
    )


def _said_elsewhere(service: Service, arguments: list[Argument]) -> set[str]:
    """The reasons of arguments go with their words, in the command or in that of a benchmark."""
    measured = {f"bench_args.{kind}.{name}" for kind in service.bench for name in service.bench_args.get(kind) or {}}
    return {reasons.NOTES, *measured, *(f"args.{a.name}" for a in arguments if a.words)}


def _arguments(service: Service, engine: Engine, tree: Setting, histories: Histories) -> list[Argument]:
    """The checked arguments in the order in which they were written, then those that nobody checks."""
    history = histories(engine.history) if engine.history else None
    checked = [
        Argument(words, reasons.reason(tree, ("args", name)), name)
        for name, words in command_line(history, service.release, service.args)
    ]
    plain = {name: arg.value for name, arg in service.unchecked_args.items()}
    unchecked = [
        Argument(words, f"not checked: {service.unchecked_args[name].reason}")
        for name, words in command_line(history, service.release, plain)
    ]
    return checked + unchecked
