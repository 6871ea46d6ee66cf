"""Hostile strings through every slot of every template: what real Compose reads is what was written."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.core.render.compose.unit import Unit
from mmcompose.core.render.compose.units import units
from mmcompose.engines.flags.history import VersionFlags
from mmcompose.engines.known import histories
from mmcompose.engines.known.benchmarks import contained
from mmcompose.files.gather import shipped
from tests.compose import read, write
from tests.making import ROOT, compilation

if TYPE_CHECKING:
    from pathlib import Path

    from mmcompose.core.pipeline import Compilation

SIGNS = "\"'\\$#:-?&*!|>%@`{}[](), \t\n\r\x01\x07\x1b\x7f\x85\xa0\u2028\u2029\ufeff\ufffdé日𝄞~0nN/=<;"
CHOSEN = [
    *("", " ", "$", "$$", "$HOSTILE", "${HOSTILE}", "${HOSTILE:-x}", "$${HOSTILE}", "${", "$(id)", "`id`", "a$"),
    *(
        "on",
        "no",
        "null",
        "~",
        "true",
        "012",
        "0o17",
        "0x1F",
        "1e3",
        "1_000",
        "22:30",
        "1.10",
        "2024-01-31",
        ".inf",
        "<<",
    ),
    *(
        "a: b",
        "- a",
        "# no comment",
        "a #b",
        "{a: 1}",
        "[a]",
        "&a",
        "*a",
        "!tag",
        "|",
        ">",
        "%x",
        "@x",
        "?",
        ": ",
        "'",
        '"',
    ),
    *(
        "a\nb",
        "a\r\nb",
        "\n",
        "\t",
        "a\tb",
        "\\n",
        "\\",
        '\\"',
        "\x01",
        "\x1b[31m",
        "\x85",
        "\u2028",
        "\ufeff",
        "\ufffd",
        "𝄞",
    ),
    *("{{ unit }}", "{% raw %}", "</script>", "&lt;", "a'<&>\"b", "--flag", "-x", "=", "a=b", "x" * 5000, "é" * 300),
    *("\n    privileged: true", '"\n    privileged: true\n    x: "', "\u2028    privileged: true", "ends with\\"),
]


def strings(count: int, seed: int = 1) -> list[str]:
    """The chosen ones, then drawn ones; always the same."""
    chance = random.Random(seed)
    drawn = ("".join(chance.choices(SIGNS, k=chance.randrange(1, 12))) for _ in range(count))
    return [*CHOSEN, *drawn][: max(count, len(CHOSEN))]


ALL = strings(400)
TEXTS = [text for text in ALL if text]
PATHS = [
    path
    for path in (f"/in{index}{text}" for index, text in enumerate(ALL[:120]))
    if not {":", ","} & set(path) and len(path) < 60
]
BACKENDS = sorted(path.stem for path in (ROOT / "profiles/backends").glob("*.yaml"))
LOAD_PATHS = {"llamacpp", "sam3", "vllm"}
"""One backend of each way to load weights by a path; `make test-heavy` asks all of them."""


def scalar(data: Any) -> str:
    """Data as YAML flow text, by the dullest spelling there is."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{scalar(name)}: {scalar(value)}" for name, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(scalar, data)) + "]"
    if isinstance(data, str):
        return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08X}" for c in data) + '"'
    return json.dumps(data)


def weights(backend: str, formats: tuple[str, ...], evil: str) -> dict[str, Any]:
    if formats == ("openvino",):
        return {"path": f"w/{evil}x", "format": "openvino"}  # its server loads nothing from the hub
    chosen: dict[str, Any] = {"repo": "a/b", "revision": allowed("revision", evil, "refs/pr/1")}
    if formats:
        chosen["format"] = formats[0]
    if formats[:1] == ("gguf",):
        chosen["file"] = allowed("file", evil, "q/x.gguf")
    return chosen


def allowed(name: str, evil: str, otherwise: str) -> str:
    """The hostile string, where the schema lets it through."""
    pattern = json.loads(shipped.schemas()["service"])["properties"]["weights"]["properties"][name]["pattern"]
    return evil if re.search(pattern, evil) else otherwise


def hostile(backend: str, number: int, made: Compilation, *, by_path: bool) -> dict[str, Any]:
    """A profile with a hostile string wherever its backend's templates and the schema let one through."""
    evil = TEXTS[number % len(TEXTS)]
    engine = made.documents.of("backend")[backend].root.plain()
    profile: dict[str, Any] = {
        "description": evil,
        "backend": backend,
        "host": "gpu-8x" if "nvidia" in engine.get("accelerators", []) else "cpu",
        "served_name": None if engine.get("fixed_name") else evil,
        "env": {f"V{index}": text for index, text in enumerate(ALL)},
        "health": {"test": ["CMD", *TEXTS]},
        "mounts": [
            {"source": "in" + text + "x", "target": f"/t{index}{text}x"} for index, text in enumerate(ALL[:120])
        ],
        "tmpfs": {path + "x": "1m" for path in PATHS},
        "caches": {f"c{index}": f"/cache{path}x" for index, path in enumerate(PATHS)},
        "secrets": {f"s{index}": {"file": f"f/{text}x"} for index, text in enumerate(TEXTS[:60])},
        "image_type": "build",
        "image": "echo:v1",
        "engine_version": engine.get("version", "1"),
        "build": {
            "context": f"ctx/{evil}",
            "dockerfile": f"d/{evil}x",
            "target": evil,
            "args": {f"A{index}": text for index, text in enumerate(ALL)},
        },
        "weights": {"path": f"w/{evil}x"} if by_path else weights(backend, tuple(engine.get("formats", ())), evil),
        "args": dict(arguments(engine.get("history"), number)),
        "gpu": {"count": 1} if "nvidia" in engine.get("accelerators", []) else {"count": 0},
        "waivers": [{"rule": "S09", "reason": evil + " and a long reason", "until": "2099-01-01"}],
    }
    if backend == "zoo":
        texts = enumerate(text for text in ALL if text)
        profile["zoo"] = {f"m{index}": zoo_entry(text) for index, text in texts}
    kinds = [
        kind
        for kind in contained().values()
        if engine.get("probe", {}).get("kind") in kind.asks
        and (not kind.engines or engine.get("history") in kind.engines)
    ]
    profile["bench"] = [kind.name for kind in kinds]
    profile["bench_args"] = {kind.name: dict(arguments(kind.history, number)) for kind in kinds}
    profile["why"] = {"notes": "\n".join(ALL), "image": evil, "gpu.count": evil, "resources.memory": evil}
    profile["why"] |= {f"env.V{index}": text for index, text in enumerate(ALL)}
    profile["why"] |= {"health.start_period": evil, "ports.api": evil}
    return profile


def zoo_entry(text: str) -> dict[str, Any]:
    return {"category": text, "loader": "AutoModel", "source": text, "revision": text}


def arguments(engine: str | None, number: int) -> Iterator[tuple[str, Any]]:
    """Every text flag of the newest release with a string of its own, and a list where one is taken."""
    history = histories.load(engine) if engine else None
    if history is None:
        yield from ((f"flag{index}", text) for index, text in enumerate(ALL[:50]))
        return
    taken = (
        (name, flag)
        for name, flag in VersionFlags(history, len(history.versions) - 1).items()
        if flag.kind == "str" and not flag.choices and not flag.deprecated and not flag.stub
    )
    for index, (name, flag) in enumerate(taken, number):
        text = ALL[index % len(ALL)]
        yield name, [text, TEXTS[index % len(TEXTS)]] if flag.many in ("+", "*", "repeat") else text


def with_strings(profile: dict[str, Any]) -> tuple[dict[str, str], Unit]:
    made = compilation({"profiles/job.yaml": scalar(profile)})
    errors = [
        str(p) for p in made.problems if p.severity == "error" and not p.rule.startswith(("flag", "S", "weights"))
    ]
    assert errors == []
    assert made.stack is not None
    texts, faults = made.artifacts()
    assert faults == []
    found = units(made.stack.project, made.profiles["job"], made.stack.seats["job"], histories.load)
    return texts, found["job"]


def expected(unit: Unit) -> dict[str, Any]:
    return {
        "environment": dict(unit.env),
        "healthcheck": list(unit.service.health.test),
        "labels": dict(unit.labels),
        "binds": {bind.target: bind.source for bind in unit.binds},
        "caches": {volume.target for volume in unit.volumes},
        "tmpfs": {f"{path}:size={size},mode=1777,nosuid,nodev" for path, size in unit.service.tmpfs.items()},
        "build": {**unit.build, "args": dict(unit.service.build.args)},
        "secrets": {secret.key: secret.file for secret in unit.secrets},
    }


def understood(whole: dict[str, Any]) -> dict[str, Any]:
    service = whole["services"]["job"]
    volumes = service["volumes"]
    return {
        "environment": service["environment"],
        "healthcheck": service["healthcheck"]["test"],
        "labels": {name: value for name, value in service["labels"].items() if name != "mmcompose.config"},
        "binds": {volume["target"]: volume["source"] for volume in volumes if volume["type"] == "bind"},
        "caches": {volume["target"] for volume in volumes if volume["type"] == "volume"},
        "tmpfs": set(service["tmpfs"]),
        "build": service["build"],
        "secrets": {key: secret["file"] for key, secret in whole["secrets"].items()},
    }


@pytest.mark.parametrize(
    ("backend", "by_path"),
    [
        *(pytest.param(name, False, id=f"{name}-from the hub") for name in BACKENDS),
        *(
            pytest.param(name, True, id=f"{name}-from a path", marks=[] if name in LOAD_PATHS else pytest.mark.heavy)
            for name in BACKENDS
        ),
    ],
)
def test_compose_reads_from_every_slot_what_was_written_into_it(backend: str, by_path: bool, tmp_path: Path) -> None:
    number = BACKENDS.index(backend) * 50 + by_path * 25
    texts, unit = with_strings(hostile(backend, number, compilation({}), by_path=by_path))
    write(tmp_path, texts)
    whole = read(tmp_path, "--profile", "bench-job", "-f", "compose/job.yaml")
    assert understood(whole) == expected(unit)
    line = whole["services"]["job"]["command"]
    parts = [term for argument in unit.arguments for term in argument.words]
    assert "\0".join(parts) in "\0".join(line)
    found = next(place for name in unit.template if (place := ROOT / "templates" / name).exists())
    template = found.read_text(encoding="utf-8")
    assert (
        unit.model in line or unit.loads in line or "unit.model" not in template or (backend == "sam3" and not by_path)
    )
    assert unit.service.served_name in line or "served_name" not in template
    assert "privileged" not in whole["services"]["job"]
    before = {"own-job", *([unit.fetch.name] if unit.fetch else [])}
    assert set(whole["services"]) == {"job", *before, *(bench.name for bench in unit.benches)}
    assert len(unit.benches) == len(unit.service.bench)
    for bench in unit.benches:
        made = whole["services"][bench.name]
        assert made.get("command", []) == [term for argument in bench.arguments for term in argument.words]
        assert made["labels"] == dict(bench.labels)
        assert bench.program[-1] in made["entrypoint"]


@pytest.mark.parametrize("backend", ["llamacpp", "vllm"])
def test_a_secret_s_content_is_exported_by_a_shell_that_gets_every_text_of_the_engine(
    backend: str, tmp_path: Path
) -> None:
    profile = hostile(backend, 7, compilation({}), by_path=False)
    profile["secrets"] = {"key": {"file": "f/key", "value_env": "API_KEY"}, "other": {"file": "g", "path_env": "P"}}
    texts, unit = with_strings(profile)
    write(tmp_path, texts)
    found = read(tmp_path, "-f", "compose/job.yaml")["services"]["job"]
    assert found["entrypoint"][:2] == ["/bin/sh", "-c"]
    assert found["entrypoint"][2] == 'export API_KEY="$(cat /run/secrets/key)"; exec "$@"'
    assert found["environment"]["P"] == "/run/secrets/other"
    assert unit.exports in found["entrypoint"][2]


def test_the_models_of_a_zoo_reach_its_file_as_they_were_written() -> None:
    profile = hostile("zoo", 3, compilation({}), by_path=False)
    texts, _ = with_strings(profile)
    models = json.loads(texts["compose/config/job/job/models.json"])
    assert {name: entry | {"dtype": None} for name, entry in profile["zoo"].items()} == models
