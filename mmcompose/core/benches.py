"""The benchmarks of one unit as the template sees them: a service per kind, wired to the engine that it measures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mmcompose.core import bench, reasons
from mmcompose.core.bench import CONTEXT, KINDS, Kind
from mmcompose.core.wiring import Argument, Bind, SecretFile, Volume
from mmcompose.engines.argv import command_line

if TYPE_CHECKING:
    from mmcompose.core.view import Unit
    from mmcompose.engines.history import History

RESULTS = Bind("../benchmarks/results", "/results", read_only=False)
_CHAT = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Bench:
    """`program` is how it is wired; `arguments` are the preset, which a person may replace when running it."""

    name: str
    kind: str
    own: bool
    image: str
    context: str
    program: list[str]
    arguments: list[Argument]
    env: Mapping[str, str]
    volumes: list[Volume]
    binds: list[Bind]
    secrets: list[SecretFile]
    labels: Mapping[str, str]
    user: str


def benches(unit: Unit, histories: Callable[[str], History | None], content: str) -> list[Bench]:
    return [_bench(unit, name, KINDS[name], histories, content) for name in bench.of(unit.service)]


def _bench(unit: Unit, name: str, kind: Kind, histories: Callable[[str], History | None], content: str) -> Bench:
    line = command_line(
        histories(kind.history), bench.release(kind, unit.service), unit.service.bench_args.get(name) or {}
    )
    return Bench(
        name=f"{unit.name}-bench-{name}",
        kind=name,
        own=kind.own,
        image=image(content) if kind.own else unit.service.image or "",
        context=f"./build/{CONTEXT}" if kind.own else "",
        program=[*kind.program, *(_ours(unit) if kind.own else _engines(unit))],
        arguments=[Argument(words, reasons.reason(unit.tree, ("bench_args", name, option))) for option, words in line],
        env={} if kind.own else {**unit.env, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"},
        volumes=[] if kind.own else unit.volumes,
        binds=[RESULTS, *([] if kind.own else unit.binds)],
        secrets=[secret for secret in unit.secrets if secret.name == unit.engine.probe.secret],
        labels={**unit.identity, "mmcompose.role": "bench", "mmcompose.bench": name},
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
