"""Faults of shape: each worded for a reader, and found by the quick check exactly where JSON Schema finds them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmcompose.core.read import schema
from mmcompose.core.read.load import load_text
from mmcompose.core.read.shape import KEYWORDS, fits
from mmcompose.files.gather import shipped
from mmcompose.model import Origin, Setting
from tests.making import ROOT, compilation, problems

BUNDLES = schema.bundles(shipped.schemas())


def checked(kind: str, text: str) -> list[str]:
    tree, faults = load_text(kind, "x.yaml", text)
    assert tree is not None
    assert not faults
    return list(dict.fromkeys(str(fault.problem) for fault in schema.faults(BUNDLES[kind], tree, text)))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("modle: x", "1:1: modle: is not a known key (did you mean model?)"),
        ("gpu: {cuont: 1}", "1:7: gpu.cuont: is not a known key (did you mean count?)"),
        ("gpu: {zzz: 1}", "1:7: gpu.zzz: is not a known key (known: count, share, vram, devices)"),
        ("zzzzz: 1", "1:1: zzzzz: is not a known key"),
        ("model: [a]", "1:8: model: must be text, not a list (The name of a file under `profiles/models/`)"),
        ("model: {a: b}", "1:8: model: must be text, not a mapping (The name of a file under `profiles/models/`)"),
        ("args: [a]", "1:7: args: must be a mapping, not a list"),
        ("args: text", "1:7: args: must be a mapping, not 'text'"),
        ("bench: sanity", "1:8: bench: must be a list, not 'sanity' (write a list: [sanity])"),
        ("bench: [null]", "1:9: bench[0]: must be text, not nothing (The name of a benchmark kind)"),
        ("version: 1.10", '1:10: version: must be text, not the number 1.1 (quote it: "1.10")'),
        ("version: 12", '1:10: version: must be text, not the number 12 (quote it: "12")'),
        ("version: 007", '1:10: version: must be text, not the number 7 (quote it: "007")'),
        ("version: 1e3", '1:10: version: must be text, not the number 1000.0 (quote it: "1e3")'),
        ("env: {A: true}", '1:10: env.A: must be text, not true (quote it: "true")'),
        ("env: {A: False, B: x}", '1:10: env.A: must be text, not false (quote it: "False")'),
        ("env: {A: 1.10, B: x}", '1:10: env.A: must be text, not the number 1.1 (quote it: "1.10")'),
        ("env:\n  A: 5 # five", '2:6: env.A: must be text, not the number 5 (quote it: "5")'),
        ("image_type: bulid", "1:13: image_type: 'bulid' is not one of prebuilt, build (did you mean build?)"),
        ("image_type: 5", '1:13: image_type: must be text, not the number 5 (quote it: "5")'),
        (
            "gpu: {count: -1}",
            "1:14: gpu.count: the number -1 is too small: it must be at least 0 (How many GPUs, or `all` of the host)",
        ),
        (
            "gpu: {count: 65}",
            "1:14: gpu.count: the number 65 is too large: it must be at most 64 (How many GPUs, or `all` of the host)",
        ),
        (
            "resources: {pids: 1.5}",
            "1:19: resources.pids: must be a whole number, not the number 1.5 (Limit of processes and threads)",
        ),
        (
            "resources: {pids: 1.0}",
            "1:19: resources.pids: must be a whole number, not the number 1.0 (Limit of processes and threads)",
        ),
        ("ports: {api: 8e3}", "1:14: ports.api: must be a whole number or text, not the number 8000.0"),
        ("version: a b", "1:10: version: 'a b' is not valid here (The engine's release"),
        (
            "image: Foo/Bar:1",
            "1:8: image: 'Foo/Bar:1' is not valid here (a repository is written in small letters",
        ),
        ("tmpfs: {/tmp: 0g}", "1:15: tmpfs./tmp: '0g' is not valid here (The size, whole, such as `256m`)"),
        ("tmpfs: {/tmp: 1.5g}", "1:15: tmpfs./tmp: '1.5g' is not valid here (The size, whole, such as `256m`)"),
        (f"resources: {{memory: {'9' * 400}g}}", "1:21: resources.memory: '" + "9" * 57 + "…' is not valid here"),
        ("gpu: {vram: 0.0g}", "1:13: gpu.vram: '0.0g' is not valid here (GPU memory needed on each GPU, such as `6g`)"),
        (
            "resources: {pids: '1'}",
            "1:19: resources.pids: must be a whole number, not '1' (write it without quotes: 1)",
        ),
        (
            "resources: {pids: true}",
            "1:19: resources.pids: must be a whole number, not true (Limit of processes and threads)",
        ),
        ("resources: {cpus: 0}", "1:19: resources.cpus: the number 0 is too small: it must be more than 0"),
        ("ports: {api: '80'}", "1:14: ports.api: '80' is not valid here (write it without quotes: 80)"),
        (
            "ports: {api: 65536}",
            "1:14: ports.api: the number 65536 is too large: it must be at most 65535 (A host port, or `auto`)",
        ),
        ("ports: {API: 80}", "1:9: ports.API: is not a valid name (Small letters, digits and dashes, a letter first"),
        ("env: {A=B: x}", "1:7: env.A=B: is not a valid name (Letters, digits, `_`, `.` and `-`, no digit first)"),
        ("env: {'': x}", "1:7: env.: is not a valid name (Letters, digits, `_`, `.` and `-`, no digit first)"),
        ("env: {'A$B': x}", "1:7: env.A$B: is not a valid name (Letters, digits, `_`, `.` and `-`, no digit first)"),
        ("tmpfs: {tmp: 1g}", "1:9: tmpfs.tmp: is not a valid name (An absolute path without `:` and `,`)"),
        ("caches: {cc: /}", "1:14: caches.cc: '/' is not valid here (The path inside the container, from its root"),
        ("image: a b", "1:8: image: 'a b' is not valid here (The whole image reference as one string"),
        ('image: "a:b\\n"', "1:8: image: 'a:b\\n' is not valid here (The whole image reference as one string"),
        ('aliases: ["ab\\n"]', "1:11: aliases[0]: 'ab\\n' is not valid here (One name)"),
        (
            "weights: {repo: a}",
            "1:17: weights.repo: 'a' is not valid here (A repository on the model hub, `owner/name`)",
        ),
        ("mounts: [{source: a}]", "1:10: mounts[0]: target is missing (The path inside the container, from its root)"),
        ("mounts: [{}]", "1:10: mounts[0]: source, target are missing (The path on the host"),
        (
            "waivers: [{rule: S1, reason: long enough, until: 2026-01-01}]",
            "1:18: waivers[0].rule: 'S1' is not valid here",
        ),
        (
            "waivers: [{rule: S01, reason: short, until: 2026-01-01}]",
            "1:31: waivers[0].reason: 'short' is not valid here",
        ),
        (
            "waivers: [{rule: S01, reason: long enough, until: soon}]",
            "1:51: waivers[0].until: 'soon' is not valid here",
        ),
        (
            "services: {x: {}}",
            "1:12: services.x: is not a valid name (Small letters, digits and dashes, a letter first",
        ),
        ("services: {xx: 5}", "1:16: services.xx: must be a mapping, not the number 5"),
        ("services: {xx: {host: cpu}}", "1:17: services.xx.host: is not a known key"),
        (f"model: {'x' * 70}A", f"1:8: model: '{'x' * 57}…' is not valid here"),
    ],
)
def test_a_fault_of_a_profile_is_worded_and_stands_at_its_place(text: str, problem: str) -> None:
    found = checked("profile", text)
    assert len(found) == 1
    assert found[0].startswith(f"x.yaml:{problem}")


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        (
            "project",
            "name: mm",
            "1:1: bind, ports, host are missing (The address on which ports are published, such as `127.0.0.1`)",
        ),
        ("project", "name: MM", "1:7: name: 'MM' is not valid here"),
        ("project", "bind: 1.1", "1:7: bind: must be text, not the number 1.1 (The address on which"),
        ("project", "bind: 10.0.0.256", "1:7: bind: '10.0.0.256' is not valid here"),
        ("project", "ports: 1000", "1:8: ports: must be text, not the number 1000 (The range from which"),
        ("project", "ports: 70000-70001", "1:8: ports: '70000-70001' is not valid here"),
        ("host", "description: x", "1:1: machine is missing (The machine as it is"),
        (
            "host",
            "machine: {accelerator: tpu}",
            "1:24: machine.accelerator: 'tpu' is not one of nvidia, amd, intel, cpu",
        ),
        ("host", "machine: {memory: 1GB}", "1:19: machine.memory: '1GB' is not valid here"),
        (
            "host",
            "machine: {cores: 0}",
            "1:18: machine.cores: the number 0 is too small: it must be at least 1 (The number of CPU cores)",
        ),
        (
            "model",
            "backends: {vllm: {versoin: x}}",
            "1:19: backends.vllm.versoin: is not a known key (did you mean version?)",
        ),
        ("backend", "title: [x]", "1:8: title: must be text, not a list"),
    ],
)
def test_a_fault_of_another_kind_of_file_is_worded_too(kind: str, text: str, problem: str) -> None:
    assert any(found.startswith(f"x.yaml:{problem}") for found in checked(kind, text)), checked(kind, text)


def test_all_faults_of_a_file_are_reported() -> None:
    found = problems(compilation({"profiles/job.yaml": "modle: x\ngpu: {count: x}\nenv: {A: 1}\n"}))
    assert [line.split(": ")[1] for line in found] == ["modle", "gpu.count", "env.A"]


def test_every_shipped_file_fits() -> None:
    kinds = {"backends": "backend", "models": "model", "hosts": "host", "profiles": "profile"}
    for path in sorted((ROOT / "profiles").rglob("*.yaml")):
        if path.name != "defaults.yaml" and path.parent.name in kinds:
            assert checked(kinds[path.parent.name], path.read_text(encoding="utf-8")) == [], path


def keywords(node: Any, names: bool = False) -> set[str]:
    """Every keyword of a schema; the names under `properties` are no keywords."""
    if isinstance(node, list):
        return {term for item in node for term in keywords(item)}
    if not isinstance(node, dict):
        return set()
    own = set() if names else set(node)
    return own.union(*(keywords(value, not names and key == "properties") for key, value in node.items()))


def test_the_quick_check_knows_every_keyword_that_the_schemas_use() -> None:
    used = set().union(*(keywords(bundle) for bundle in BUNDLES.values()))
    assert used - KEYWORDS == set()


def plain(setting: Setting) -> Any:
    if isinstance(setting.value, dict):
        return {name: plain(child) for name, child in setting.value.items()}
    if isinstance(setting.value, tuple):
        return [plain(child) for child in setting.value]
    return setting.value


def noted(data: Any) -> Setting:
    if isinstance(data, dict):
        return Setting({name: noted(child) for name, child in data.items()}, Origin("", ""))
    if isinstance(data, list):
        return Setting(tuple(noted(child) for child in data), Origin("", ""))
    return Setting(data, Origin("", ""))


TEXTS = ["", "x", "ocr", "ocr\n", "S01", "auto", "1g", "85%", "host", "1:2", "build", "/x", "a/b", "10s", "no", "vllm"]
LEAVES: list[Any] = [None, True, False, 0, 1, -1, 1.0, 1.5, 70, 8000, 70000, *TEXTS]


def drawn(node: Any, chance: random.Random, depth: int = 0) -> Any:
    """A document near the schema: mostly of the right shape, now and then of any other."""
    if depth > 5 or chance.random() < 0.15:
        return chance.choice([*LEAVES, [], {}, ["x"], {"x": 1}])
    kinds = node.get("type", "string")
    kind = chance.choice(kinds if isinstance(kinds, list) else [kinds])
    if kind == "object":
        known = node.get("properties", {})
        names = [name for name in known if name in node.get("required", ()) or chance.random() < 3 / (len(known) + 3)]
        made = {name: drawn(known[name], chance, depth + 1) for name in names if chance.random() < 0.95}
        others = node.get("additionalProperties", True)
        if chance.random() < 0.3:
            made[chance.choice(["ab", "A", "x y", "SOME_NAME"])] = drawn(
                others if isinstance(others, dict) else {}, chance, depth + 1
            )
        return made
    if kind == "array":
        return [drawn(node.get("items", {}), chance, depth + 1) for _ in range(chance.randrange(3))]
    if "enum" in node and chance.random() < 0.8:
        return chance.choice(node["enum"])
    return chance.choice(LEAVES)


@pytest.mark.parametrize("kind", BUNDLES)
@given(seed=st.integers(0, 2**32))
def test_the_quick_check_and_json_schema_agree(kind: str, seed: int) -> None:
    chance = random.Random(seed)
    judge = schema.validator()(BUNDLES[kind])
    for _ in range(5):
        document = drawn(BUNDLES[kind], chance)
        assert fits(noted(document), BUNDLES[kind]) == judge.is_valid(document), document


def test_drawn_documents_are_of_both_sorts() -> None:
    chance = random.Random(1)
    verdicts = [fits(noted(drawn(BUNDLES["profile"], chance)), BUNDLES["profile"]) for _ in range(400)]
    assert 20 < sum(verdicts) < 380
