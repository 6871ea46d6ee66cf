"""All problems at once: no fault hides another one, and none is told a second time by what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mmcompose.core.read.overrides import parse
from tests.making import ROOT, SETTINGS, compilation, problems

if TYPE_CHECKING:
    from collections.abc import Mapping

GOOD = {
    "profiles/job.yaml": "model: thing\nbackend: vllm\nhost: box\ngpu: {count: 1}\nports: {api: 8000}\n",
    "profiles/models/thing.yaml": "weights: {repo: a/b, format: safetensors}\nserved_name: thing\n",
    "profiles/hosts/box.yaml": "machine: {accelerator: nvidia, memory: 64g, cores: 8, uid: 1000, gid: 1000,"
    " gpus: [{name: x, vram: 24g}]}\n",
}
FIRST: Mapping[str, Mapping[str, str]] = {
    "an unknown key": {"profiles/job.yaml": GOOD["profiles/job.yaml"] + "zzz: 1\n"},
    "a mistyped key": {"profiles/job.yaml": GOOD["profiles/job.yaml"].replace("model:", "modle:")},
    "a wrong type": {"profiles/job.yaml": GOOD["profiles/job.yaml"].replace("{count: 1}", "1")},
    "a wrong value": {"profiles/job.yaml": GOOD["profiles/job.yaml"] + "restart: sometimes\n"},
    "a version that is a number": {"profiles/job.yaml": GOOD["profiles/job.yaml"] + "version: 0.24\n"},
    "a broken digest": {
        "profiles/job.yaml": GOOD["profiles/job.yaml"] + "image: vllm/vllm-openai:v0.24.0@sha256:abcd\n"
    },
    "a tag": {"profiles/job.yaml": GOOD["profiles/job.yaml"] + "served_name: !x y\n"},
    "a duplicate key": {"profiles/job.yaml": GOOD["profiles/job.yaml"] + "model: thing\n"},
    "an unknown model": {"profiles/job.yaml": GOOD["profiles/job.yaml"].replace("thing", "nothing-like-it")},
    "an unknown runtime": {"profiles/job.yaml": GOOD["profiles/job.yaml"] + "runtime: nothing\n"},
    "an unknown host": {"profiles/job.yaml": GOOD["profiles/job.yaml"].replace("box", "nothing")},
    "an unknown parent": {"profiles/job.yaml": GOOD["profiles/job.yaml"] + "extends: nothing\n"},
    "a mistyped backend": {"profiles/job.yaml": GOOD["profiles/job.yaml"].replace("vllm", "vlm")},
    "a model file that cannot be read": {"profiles/models/thing.yaml": "[\n"},
    "a model file with an unknown key": {"profiles/models/thing.yaml": GOOD["profiles/models/thing.yaml"] + "zzz: 1\n"},
    "a model file with a wrong value": {"profiles/models/thing.yaml": "weights: {repo: thing, format: safetensors}\n"},
    "a host file that cannot be read": {"profiles/hosts/box.yaml": "{\n"},
    "a host file with a wrong value": {
        "profiles/hosts/box.yaml": GOOD["profiles/hosts/box.yaml"].replace("cores: 8", "cores: none")
    },
    "a host file without a machine": {"profiles/hosts/box.yaml": "env: {A: b}\n"},
    "defaults that cannot be read": {"profiles/defaults.yaml": "{\n"},
    "defaults with an unknown key": {
        "profiles/defaults.yaml": (ROOT / "profiles/defaults.yaml").read_text(encoding="utf-8") + "zzz: 1\n"
    },
    "settings that cannot be read": {"mmcompose.yaml": "{\n"},
    "settings with an unknown key": {"mmcompose.yaml": SETTINGS + "zzz: 1\n"},
    "settings with a wrong value": {"mmcompose.yaml": SETTINGS.replace("127.0.0.1", "everywhere")},
    "settings without a host": {"mmcompose.yaml": SETTINGS.replace("host: gpu-12gb\n", "")},
    "another profile that cannot be read": {"profiles/other.yaml": "[\n"},
}
SECOND = {
    "a mistyped flag": ("args: {max_num_sqs: 8}\n", "args.max_num_sqs: is not a flag of vLLM"),
    "a wrong choice": ("args: {kv_cache_dtype: fp9}\n", "args.kv_cache_dtype: is not one of the"),
    "a privileged container": ("security: {privileged: true}\n", "security.privileged: the container could do"),
    "a secret in plain text": ("env: {HF_TOKEN: hf_0123456789abcdefghij}\n", "env.HF_TOKEN: a secret in plain text"),
    "an unknown option": (
        "bench_args: {load: {concurency: 1}}\nbench: [load]\n",
        "bench_args.load.concurency: is not a flag of",
    ),
}


def reported(files: Mapping[str, str]) -> list[str]:
    return problems(compilation({**GOOD, **files}))


def with_more(files: Mapping[str, str], text: str) -> dict[str, str]:
    return {**files, "profiles/job.yaml": files.get("profiles/job.yaml", GOOD["profiles/job.yaml"]) + text}


@pytest.mark.parametrize("files", FIRST.values(), ids=FIRST.keys())
def test_one_fault_is_one_problem_and_nothing_follows_from_it(files: Mapping[str, str]) -> None:
    assert reported({}) == []
    assert len(reported(files)) == 1, reported(files)


PAIRS = [
    # Each first fault meets one second fault in `make test`, and all of them in `make test-heavy`.
    pytest.param(files, second, id=f"{one}-{other}", marks=[pytest.mark.heavy] if (row - column) % len(SECOND) else [])
    for row, (one, files) in enumerate(FIRST.items())
    for column, (other, second) in enumerate(SECOND.items())
]


@pytest.mark.parametrize(("files", "second"), PAIRS)
def test_one_fault_hides_no_other(files: Mapping[str, str], second: tuple[str, str]) -> None:
    text, printed = second
    found = reported(with_more(files, text))
    assert [line for line in found if printed in line], found
    assert len(found) == 2


def test_without_a_settings_file_profiles_are_judged_with_what_is_known() -> None:
    made = compilation({**GOOD, **with_more({}, SECOND["a mistyped flag"][0])})
    sources = tuple(source for source in made.given.sources if source.path != "mmcompose.yaml")
    found = problems(type(made)(type(made.given)(sources, made.given.schemas, made.given.histories)))
    assert sorted(line.split(": ")[0] for line in found) == ["mmcompose.yaml:1:1", "profiles/job.yaml:6:8"]


@pytest.mark.parametrize("term", ["restart=sometimes", "zzz=1", "gpu=1", "image=Foo", "services.x.y.z=1"])
def test_a_fault_of_the_command_line_hides_nothing_in_the_files(term: str) -> None:
    overrides, faults = parse([term])
    assert not faults
    files = {**GOOD, **with_more({}, SECOND["a mistyped flag"][0])}
    found = problems(compilation(files, overrides=overrides))
    assert [line for line in found if "args.max_num_sqs" in line], found
    assert [line for line in found if line.startswith("--set")]


def test_a_profile_in_doubt_is_never_rendered_and_never_in_the_way_of_others() -> None:
    made = compilation({**GOOD, "profiles/bad.yaml": "model: thing\nbackend: vllm\nhost: box\nzzz: 1\n"})
    assert set(made.profiles) == {"job"}
    assert made.stack is not None
    assert set(made.stack.seats) == {"job"}


def test_a_port_that_two_want_is_reported_though_one_of_them_has_another_fault() -> None:
    text = "model: qwen-small\nhost: cpu\nports: {api: 8000}\n"
    found = reported({"profiles/one.yaml": text, "profiles/two.yaml": text + "zzz: 1\n"})
    assert len(found) == 2
    assert "8000 of two is also the port of one" in "".join(found)


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 0, 1.5, "", "x", "../..", "~/x", "85%", "a b", [], ["x"], [None], {}, {"x": 1}, [{}]]
)
KEYS = sorted(
    yaml.safe_load((ROOT / "mmcompose/core/schema/service.schema.json").read_text(encoding="utf-8"))["properties"]
)


IN_A_FILE = (
    st.dictionaries(st.sampled_from([*KEYS, "host", "extends", "services", "machine", "backends"]), JUNK, max_size=6),
    st.sampled_from(sorted({*GOOD, "mmcompose.yaml", "profiles/defaults.yaml", "profiles/backends/vllm.yaml"})),
)
DEEPER = (st.sampled_from(KEYS), st.sampled_from([*KEYS, "api", "count", "memory", "repo", "file"]), JUNK)


def judge(path: str, values: Mapping[str, Any]) -> None:
    text = yaml.safe_dump({**yaml.safe_load(GOOD.get(path, "{}")), **values})
    for problem in compilation({**GOOD, path: text}).problems:
        assert problem.message


def judge_deeper(key: str, inside: str, junk: Any) -> None:
    for value in ({inside: junk}, [{inside: junk}], {"job": {inside: junk}}):
        judge("profiles/job.yaml", {key: value})


@settings(max_examples=30)
@given(*IN_A_FILE)
def test_no_junk_in_any_file_raises(junk: dict[str, Any], path: str) -> None:
    judge(path, junk)


@settings(max_examples=10)
@given(*DEEPER)
def test_no_junk_deeper_inside_raises(key: str, inside: str, junk: Any) -> None:
    judge_deeper(key, inside, junk)


@pytest.mark.heavy
@settings(max_examples=200)
@given(*IN_A_FILE)
def test_nor_in_many_more_draws(junk: dict[str, Any], path: str) -> None:
    judge(path, junk)


@pytest.mark.heavy
@settings(max_examples=200)
@given(*DEEPER)
def test_nor_deeper_inside_in_many_more_draws(key: str, inside: str, junk: Any) -> None:
    judge_deeper(key, inside, junk)
