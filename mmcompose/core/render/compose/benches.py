"""The benchmarks of one unit for its template: a service per kind, connected to the engine that it measures."""

from __future__ import annotations

from collections.abc import Mapping

from mmcompose.core.render.arguments import Argument
from mmcompose.core.render.compose.unit import Beside, Bind, Unit
from mmcompose.core.render.compose.wiring import from_compose
from mmcompose.core.resolve import reasons
from mmcompose.engines.flags.argv import command_line
from mmcompose.engines.flags.history import Histories
from mmcompose.engines.known.benchmarks import Kind, beside
from mmcompose.model import Resources, Security, Service, labels
from mmcompose.model.paths import RESULTS, image
from mmcompose.model.targets import BUILD

_CHAT = "/chat/completions"


def benches(unit: Unit, histories: Histories, contents: Mapping[str, str]) -> list[Beside]:
    return [_bench(unit, kind, histories, contents) for kind in beside(unit.service)]


def _bench(unit: Unit, kind: Kind, histories: Histories, contents: Mapping[str, str]) -> Beside:
    """One benchmark. A kind in the engine's image also has the engine's cache, mounts and environment."""
    given = unit.service.bench_args.get(kind.name) or {}
    line = command_line(histories(kind.history), kind.release(unit.service), given)
    return Beside(
        name=f"{unit.name}-bench-{kind.name}",
        kind=kind.name,
        image=image(kind.context, contents.get(kind.context, "")) if kind.ours else unit.service.image or "",
        context=f"./{BUILD}/{kind.context}" if kind.ours else "",
        program=list(kind.command(unit.service, _place(unit))),
        arguments=[Argument(parts, reasons.reason(unit.tree, ("bench_args", kind.name, name))) for name, parts in line],
        env=kind.env if kind.ours else {**unit.env, **kind.env},
        volumes=[] if kind.ours else unit.volumes,
        binds=[Bind(from_compose(RESULTS), "/results", read_only=False), *([] if kind.ours else unit.binds)],
        secrets=[secret for secret in unit.secrets if secret.name == unit.engine.probe.secret],
        labels={**unit.identity, labels.ROLE: "bench", labels.BENCH: kind.name},
        user=f"{unit.machine.uid}:{unit.machine.gid}",
        network=unit.network,
        service=Service(
            tmpfs={"/tmp": kind.tmpfs},  # noqa: S108 - inside its container
            security=Security(network=unit.service.security.network),
            resources=Resources(memory=kind.memory, pids=kind.pids),
            logging=unit.service.logging,
        ),
    )


def _place(unit: Unit) -> dict[str, str]:
    """The engine's address for its neighbour on the profile's network."""
    service, probe = unit.service, unit.engine.probe
    host = "127.0.0.1" if service.security.network == "host" else unit.name
    prefix = (probe.path or "").removesuffix(_CHAT)
    return {
        "server": f"http://{host}:{service.api_port or 80}",
        "prefix": "" if prefix == "/v1" else prefix,
        "path": probe.path or f"/v1{_CHAT}",
        "weights": unit.model,
        "served_name": service.served_name or "",
        "key_file": f"/run/secrets/{probe.secret}" if probe.secret in {each.name for each in unit.secrets} else "",
    }
