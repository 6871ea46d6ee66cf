"""The benchmarks of one unit as the template sees them: a service per kind, wired to the engine that it measures."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.resolve import benchmarks, reasons
from mmcompose.core.resolve.benchmarks import CONTEXT, KINDS, Kind
from mmcompose.core.render.compose.unit import Argument, Bench, Bind, Unit
from mmcompose.core.render.compose.wiring import from_compose
from mmcompose.engines.flags.argv import command_line
from mmcompose.engines.flags.history import Histories
from mmcompose.model import labels
from mmcompose.model.paths import RESULTS
from mmcompose.model.targets import BUILD

_CHAT = "/chat/completions"


def benches(unit: Unit, histories: Histories, content: str) -> list[Bench]:
    return [_bench(unit, name, KINDS[name], histories, content) for name in benchmarks.of(unit.service)]


def _bench(unit: Unit, name: str, kind: Kind, histories: Histories, content: str) -> Bench:
    line = command_line(
        histories(kind.history), benchmarks.release(kind, unit.service), unit.service.bench_args.get(name) or {}
    )
    return Bench(
        name=f"{unit.name}-bench-{name}",
        kind=name,
        own=kind.own,
        image=image(content) if kind.own else unit.service.image or "",
        context=f"./{BUILD}/{CONTEXT}" if kind.own else "",
        program=[*kind.program, *(_ours(unit) if kind.own else _engines(unit))],
        arguments=[Argument(parts, reasons.reason(unit.tree, ("bench_args", name, option))) for option, parts in line],
        env={} if kind.own else {**unit.env, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"},
        volumes=[] if kind.own else unit.volumes,
        binds=[Bind(from_compose(RESULTS), "/results", read_only=False), *([] if kind.own else unit.binds)],
        secrets=[secret for secret in unit.secrets if secret.name == unit.engine.probe.secret],
        labels={**unit.identity, labels.ROLE: "bench", labels.BENCH: name},
        user=f"{unit.machine.uid}:{unit.machine.gid}",
    )


def image(content: str) -> str:
    return f"mmcompose/{CONTEXT}:{content[:12] or '0'}"


def _server(unit: Unit) -> str:
    """The engine as its neighbour on the profile's network calls it."""
    host = "127.0.0.1" if unit.service.security.network == "host" else unit.name
    return f"http://{host}:{unit.service.api_port or 80}"


def _ours(unit: Unit) -> Iterator[str]:
    prefix = (unit.engine.probe.path or "").removesuffix(_CHAT)
    yield from ("--base-url", _server(unit) + (prefix if prefix not in ("", "/v1") else ""))
    if unit.service.served_name:
        yield from ("--model", unit.service.served_name)
    if unit.engine.probe.secret in {secret.name for secret in unit.secrets}:
        yield from ("--api-key-file", f"/run/secrets/{unit.engine.probe.secret}")
    yield from ("--out", "/results")


def _engines(unit: Unit) -> Iterator[str]:
    yield from ("--backend", "openai-chat", "--base-url", _server(unit))
    yield from ("--endpoint", unit.engine.probe.path or f"/v1{_CHAT}", "--model", unit.model)
    if unit.service.served_name:
        yield from ("--served-model-name", unit.service.served_name)
    if unit.service.args.get("trust_remote_code") is True:
        yield "--trust-remote-code"
    yield from ("--save-result", "--save-detailed", "--result-dir", "/results/vllm-bench/raw")
