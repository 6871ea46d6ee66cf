"""Which layers make a service, and what it means when one of them is missing, broken or in a circle."""

from __future__ import annotations

import pytest

from mmcompose.core.read.overrides import Override, parse, short
from tests.making import ROOT, SETTINGS, compilation, problems, service

PARENT = "model: glm-ocr\nbackend: vllm\nargs: {max_num_seqs: 16, kv_cache_dtype: fp8}\nenv: {A: parent, B: parent}\n"


def overrides(*sets: str) -> list[Override]:
    found, faults = parse(sets)
    assert not faults, faults
    return found


def reported(files: dict[str, str], *sets: str) -> list[str]:
    return problems(compilation(files, overrides=overrides(*sets)))


@pytest.mark.parametrize(
    ("child", "args", "env"),
    [
        ("", {"max_num_seqs": 16, "kv_cache_dtype": "fp8"}, "parent"),
        ("args: {max_num_seqs: 8}\n", {"max_num_seqs": 8, "kv_cache_dtype": "fp8"}, "parent"),
        ("args: {kv_cache_dtype: null}\n", {"max_num_seqs": 16}, "parent"),
        ("args: null\n", {}, "parent"),
        ("env: {A: child}\n", {"max_num_seqs": 16, "kv_cache_dtype": "fp8"}, "child"),
    ],
)
def test_a_profile_that_extends_another_says_only_what_differs(child: str, args: object, env: str) -> None:
    made = compilation({"profiles/base.yaml": PARENT, "profiles/job.yaml": "extends: base\n" + child})
    assert problems(made) == []
    found = made.profiles["job"].services["job"]
    assert found.args == args
    assert found.env["A"] == env
    assert found.env["B"] == "parent"
    assert made.profiles["base"].services["base"].args == {"max_num_seqs": 16, "kv_cache_dtype": "fp8"}


def test_a_profile_may_extend_one_that_extends_another() -> None:
    made = compilation(
        {
            "profiles/aa.yaml": PARENT,
            "profiles/bb.yaml": "extends: aa\nargs: {max_num_seqs: 8}\nports: {api: auto}\n",
            "profiles/cc.yaml": "extends: bb\nargs: {kv_cache_dtype: auto}\n",
        }
    )
    assert problems(made) == []
    assert made.profiles["cc"].services["cc"].args == {"max_num_seqs": 8, "kv_cache_dtype": "auto"}


@pytest.mark.parametrize(
    ("links", "cycle"),
    [
        ({"aa": "aa"}, "aa → aa"),
        ({"aa": "bb", "bb": "aa"}, "aa → bb → aa"),
        ({"aa": "bb", "bb": "cc", "cc": "bb"}, "aa → bb → cc → bb"),
    ],
)
def test_a_circle_of_profiles_is_a_problem_that_names_it(links: dict[str, str], cycle: str) -> None:
    found = reported({f"profiles/{name}.yaml": f"extends: {parent}\n" for name, parent in links.items()})
    last = cycle.split(" → ")[-2]
    assert f"profiles/{last}.yaml:1:10: extends: {cycle} is a cycle" in found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("extends: nobody\n", "1:10: extends: no profile 'nobody' (known: job)"),
        ("model: glm-ocp\n", "1:8: model: no model 'glm-ocp' (did you mean glm-ocr?)"),
        ("model: glm-ocr\nbackend: vlm\n", "2:10: backend: no backend 'vlm' (did you mean vllm?)"),
        ("model: glm-ocr\nhost: gpu-12\n", "2:7: host: no host 'gpu-12' (did you mean gpu-12gb?)"),
    ],
)
def test_a_name_of_nothing_is_reported_where_it_stands_with_the_nearest_one(text: str, problem: str) -> None:
    assert reported({"profiles/job.yaml": text}) == [f"profiles/job.yaml:{problem}"]


def test_the_project_s_default_host_must_exist_too() -> None:
    made = compilation(
        {"profiles/job.yaml": PARENT}, settings="name: mm\nbind: 127.0.0.1\nports: 8100-8199\nhost: nowhere\n"
    )
    found = problems(made)
    assert len(found) == 1
    assert found[0].startswith("mmcompose.yaml:4:7: host: no host 'nowhere'")


@pytest.mark.parametrize(
    "path",
    [
        "profiles/base.yaml",
        "profiles/models/thing.yaml",
        "profiles/backends/vllm.yaml",
        "profiles/hosts/box.yaml",
        "profiles/defaults.yaml",
        "mmcompose.yaml",
    ],
)
def test_a_broken_file_is_reported_once_and_blames_nobody_who_needs_it(path: str) -> None:
    files = {
        "profiles/base.yaml": "model: thing\nhost: box\n",
        "profiles/job.yaml": "extends: base\n",
        "profiles/models/thing.yaml": "weights: {repo: a/b, format: safetensors}\n",
        "profiles/hosts/box.yaml": "machine: {accelerator: nvidia, memory: 8g, cores: 1, uid: 1, gid: 1,"
        " gpus: [{name: x, vram: 8g}]}\n",
    }
    usual = SETTINGS if path == "mmcompose.yaml" else (ROOT / path).read_text() if (ROOT / path).is_file() else ""
    found = reported({**files, path: files.get(path, usual) + "description: a\ndescription: b\n"})
    assert [line for line in found if "duplicate key 'description'" in line]
    assert [line for line in found if not line.startswith(f"{path}:")] == []


def test_one_bad_profile_hides_no_other() -> None:
    found = reported(
        {"profiles/aa.yaml": "[", "profiles/bb.yaml": "modle: x\n", "profiles/cc.yaml": "model: nothing\n"}
    )
    assert [line.split(":")[0] for line in found] == ["profiles/aa.yaml", "profiles/bb.yaml", "profiles/cc.yaml"]


def test_the_format_of_the_weights_chooses_the_backend() -> None:
    assert service("model: glm-ocr\n").backend == "vllm"
    assert service("model: qwen-small\n").backend == "llamacpp"
    assert service("weights: {repo: a/b, format: gguf, file: c.gguf}\n").backend == "llamacpp"
    assert service("model: glm-ocr\nbackend: null\n").backend == "vllm"


def test_a_host_that_is_named_wins_over_the_project_s() -> None:
    files = {"profiles/base.yaml": PARENT + "host: gpu-8x\n", "profiles/job.yaml": "extends: base\n"}
    assert compilation(files).profiles["job"].host.name == "gpu-8x"
    files["profiles/job.yaml"] += "host: gpu-12gb\n"
    assert compilation(files).profiles["job"].host.name == "gpu-12gb"
    line = [short("host", "gpu-8x")]
    assert compilation(files, overrides=line).profiles["job"].host.name == "gpu-8x"


SEVERAL = """\
model: glm-ocr
host: gpu-8x
args: {max_num_seqs: 16}
services:
  big: {args: {max_num_seqs: 32}}
  small: {gpu: {count: 1, devices: [7]}}
"""


def test_what_a_file_says_at_its_top_holds_for_all_its_services() -> None:
    made = compilation({"profiles/job.yaml": SEVERAL})
    assert problems(made) == []
    services = made.profiles["job"].services
    assert list(services) == ["big", "small"]
    assert [found.args["max_num_seqs"] for found in services.values()] == [32, 16]


def test_a_child_changes_one_service_of_its_parent_and_may_add_another() -> None:
    child = "extends: base\nservices:\n  small: {args: {max_num_seqs: 4}}\n  third: {ports: {api: auto}}\n"
    made = compilation({"profiles/base.yaml": SEVERAL, "profiles/job.yaml": child})
    assert problems(made) == []
    services = made.profiles["job"].services
    assert {name: found.args["max_num_seqs"] for name, found in services.items()} == {
        "big": 32,
        "small": 4,
        "third": 16,
    }
    assert list(made.profiles["base"].services) == ["big", "small"]


def test_the_short_form_and_one_service_of_its_name_are_the_same() -> None:
    short_form = compilation({"profiles/job.yaml": PARENT}).profiles["job"]
    nested = "services:\n  job:\n" + "".join(f"    {line}\n" for line in PARENT.splitlines())
    long_form = compilation({"profiles/job.yaml": nested}).profiles["job"]
    assert short_form.services == long_form.services


@pytest.mark.parametrize(
    ("sets", "seqs"),
    [
        (["args.max_num_seqs=8"], {"big": 8, "small": 8}),
        (["services.big.args.max_num_seqs=8"], {"big": 8, "small": 16}),
        (["args.max_num_seqs=8", "services.small.args.max_num_seqs=2"], {"big": 8, "small": 2}),
    ],
)
def test_the_command_line_speaks_of_all_services_or_of_one(sets: list[str], seqs: dict[str, int]) -> None:
    made = compilation({"profiles/job.yaml": SEVERAL}, overrides=overrides(*sets))
    assert problems(made) == []
    assert {name: found.args["max_num_seqs"] for name, found in made.profiles["job"].services.items()} == seqs


def test_a_text_for_a_service_that_nobody_has_is_not_lost() -> None:
    made = compilation({"profiles/job.yaml": SEVERAL}, overrides=overrides("services.bigg.args.max_num_seqs=8"))
    printed = "--set: services.bigg.args.max_num_seqs: no profile has a service 'bigg' (did you mean big?)"
    assert [str(problem) for problem in made.problems] == [printed]


@pytest.mark.parametrize(
    ("text", "path", "value", "append"),
    [
        ("args.max_num_seqs=8", ("args", "max_num_seqs"), 8, False),
        ("version=1.10", ("version",), 1.1, False),
        ("version='1.10'", ("version",), "1.10", False),
        ("env.A=", ("env", "A"), "", False),
        ("env.A=b=c", ("env", "A"), "b=c", False),
        ("env.A=on", ("env", "A"), "on", False),
        ("gpu=null", ("gpu",), None, False),
        ("bench+=load", ("bench",), "load", True),
        ("gpu={count: 2}", ("gpu",), {"count": 2}, False),
    ],
)
def test_an_option_is_read_as_a_file_would_be(text: str, path: tuple[str, ...], value: object, append: bool) -> None:
    (found,) = overrides(text)
    assert (found.path, found.value.plain(), found.append) == (path, value, append)
    assert str(found.value.origin) == "--set"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a", "--set: 'a' is not path=value (write it like args.max_num_seqs=8)"),
        ("=1", "--set: '=1' is not path=value (write it like args.max_num_seqs=8)"),
        ("..=1", "--set: '..=1' is not path=value (write it like args.max_num_seqs=8)"),
        ("a[0]=1", "--set: 'a[0]=1' is not path=value (write it like args.max_num_seqs=8)"),
        (
            "args.a=[1",
            "--set: args.a: expected ',' or ']' (close what opens at 1:1 with ], and separate its items with commas)",
        ),
        ("args.a={b: 1, b: 2}", "--set: args.a: duplicate key 'b', first on line 1 (keep one of them)"),
    ],
)
def test_an_option_that_says_nothing_is_a_problem(text: str, problem: str) -> None:
    assert [str(fault) for fault in parse([text])[1]] == [problem]


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("args=5", "--set: args: must be a mapping, not the number 5"),
        ("modle=x", "--set: modle: is not a known key (did you mean model?)"),
        ("gpu.count=abc", "--set: gpu.count: 'abc' is not valid here (How many GPUs, or `all` of the host)"),
        ("resources.pids=abc", "--set: resources.pids: must be a whole number, not 'abc'"),
        ("gpu.devices=[x]", "--set: gpu.devices[0]: must be a whole number, not 'x'"),
        ("waivers+=5", "--set: waivers[0]: must be a mapping, not the number 5"),
        ("host=[1]", "--set: host: must be text, not a list"),
        ("model.x=1", "--set: model: must be text, not a mapping"),
        ("machine.cores=5", "--set: machine: is not a known key"),
        ("version=1.10", "--set: version: must be text, not the number 1.1"),
        ("host=nowhere", "--set for job: host: no host 'nowhere'"),
        ("model=nothing", "--set for job: model: no model 'nothing'"),
        (
            "args.max_num_sqs=1",
            "--set for job: args.max_num_sqs: is not a flag of vLLM v0.24.0 (did you mean max_num_seqs?)",
        ),
        ("security.privileged=true", "--set for job: security.privileged: the container could do everything"),
    ],
)
def test_the_command_line_is_checked_like_a_file(text: str, beginning: str) -> None:
    found = reported({"profiles/job.yaml": PARENT}, text)
    assert len(found) == 1
    assert found[0].startswith(beginning)


@pytest.mark.parametrize("text", ["extends=base", "services={}", "services.job={}"])
def test_what_decides_the_layers_cannot_be_set_as_a_whole(text: str) -> None:
    faults = parse([text])[1]
    assert len(faults) == 1
    assert "cannot be set as a whole" in faults[0].message


def test_a_value_of_the_command_line_tells_what_it_overrode() -> None:
    made = compilation({"profiles/job.yaml": PARENT}, overrides=overrides("args.max_num_seqs=8"))
    found = made.profiles["job"].settings["job"].at(("args", "max_num_seqs"))
    assert found is not None
    assert (found.value, str(found.origin)) == (8, "--set")
    assert [(old.value, str(old.origin)) for old in found.overrode] == [(16, "profiles/job.yaml:3:22")]
