"""What is known not to work is a row of data, and is told at the setting's line with the way out."""

from __future__ import annotations

import json

import pytest

from mmcompose.core.read import schema
from mmcompose.core.read.shape import fits
from mmcompose.core.resolve import conditions
from mmcompose.core.resolve.follows import speaks
from mmcompose.engines.known import folder
from mmcompose.engines.known.known_bad import shipped
from mmcompose.files.gather import shipped as pieces
from tests.making import compilation, of_rule, problems, service, tree

TABLES = folder.having("known_bad.json")
OF = "args: {kv_offloading_size: "
EIGHT = "host: gpu-8x\ngpu: {count: all}\n"


def reported(text: str, **more: str) -> list[str]:
    files = {"profiles/job.yaml": text, **{path.replace("__", "/") + ".yaml": data for path, data in more.items()}}
    return [str(problem) for problem in of_rule(compilation(files), "known-bad")]


def host(memory: str, compute: str = "8.9") -> str:
    card = f'{{name: Card, vram: 24g, compute: "{compute}"}}'
    return f"machine: {{accelerator: nvidia, gpus: [{card}], memory: {memory}, cores: 8, uid: 1, gid: 1}}"


@pytest.mark.parametrize("engine", TABLES)
def test_each_shipped_row_has_the_form_that_a_project_s_own_rows_have(engine: str) -> None:
    rows = json.loads(folder.text(engine, "known_bad.json") or "")
    wanted = schema.bundle("service", pieces.schemas())["properties"]["known_bad"]
    assert fits(tree(json.dumps(rows)), wanted)
    for name, row in shipped(engine).items():
        assert row.link or row.instead, f"{name} has neither a link nor a way out"
        for arguments in row.when.values():
            assert any(pattern.fullmatch(arguments) for pattern, _ in conditions.WAYS), f"{name}: {arguments}"
        for value in row.instead.values():
            assert not isinstance(value, str) or " " not in value or speaks(value), f"{name}: {value}"


LIFTED = "known_bad: {vision-heads-over-gpus: null}\n"
WEIGHTS = "args: {mm_encoder_tp_mode: weights}\n"


def test_a_vision_tower_that_cannot_be_shared_out_is_refused_with_the_way_out() -> None:
    (found,) = reported(f"backend: vllm\n{EIGHT}weights: {{repo: zai-org/GLM-4.5V, format: safetensors}}\n{WEIGHTS}")
    assert found.startswith("profiles/job.yaml:5:8: args.mm_encoder_tp_mode: the 12 heads of this model's vision tower")
    assert "over 8 GPUs, and vLLM v0.24.0 ends at start when it tries (write args.mm_encoder_tp_mode: data; " in found


def test_it_is_given_the_way_out_where_nobody_has_set_another() -> None:
    made = service(f"backend: vllm\n{EIGHT}weights: {{repo: zai-org/GLM-4.5V}}\n")
    assert made.args["mm_encoder_tp_mode"] == "data"
    assert "12 heads" in made.why["args.mm_encoder_tp_mode"]


@pytest.mark.parametrize(
    "text",
    [
        f"model: glm-46v-fp8\nbackend: vllm\n{EIGHT}",  # its file says what to do
        "backend: vllm\nhost: gpu-8x\ngpu: {count: 4}\nweights: {repo: zai-org/GLM-4.5V}\n"
        + WEIGHTS,  # four divide twelve
        f"backend: vllm\n{EIGHT}weights: {{repo: zai-org/GLM-4.5-Air}}\n{WEIGHTS}",  # it sees nothing
        f"backend: sglang\n{EIGHT}weights: {{repo: zai-org/GLM-4.5V}}\n",  # it pads the heads
        f"backend: vllm\n{EIGHT}weights: {{repo: zai-org/GLM-4.5V}}\n{WEIGHTS}{LIFTED}",
    ],
)
def test_what_is_well_is_left_alone(text: str) -> None:
    assert reported(text) == []


def test_weights_on_the_host_are_known_by_the_name_of_their_folder() -> None:
    assert len(reported(f"backend: vllm\n{EIGHT}weights: {{path: models/GLM-4.6V-FP8}}\n{WEIGHTS}")) == 1


def test_a_release_after_the_last_one_that_was_looked_at_is_only_warned_of() -> None:
    (found,) = reported(f"backend: vllm\nversion: v0.34.0\n{EIGHT}weights: {{repo: zai-org/GLM-4.5V}}\n{WEIGHTS}")
    assert "warning: args.mm_encoder_tp_mode" in found
    assert "(up to 0.33.0, the last release that was checked)" in found


def test_eight_gpus_get_a_whole_vision_tower_each_and_one_gpu_needs_none() -> None:
    assert service(f"model: glm-46v-fp8\nbackend: vllm\n{EIGHT}").args["mm_encoder_tp_mode"] == "data"
    assert "mm_encoder_tp_mode" not in service("model: glm-46v-fp8\nbackend: vllm\nhost: gpu-8x\n").args


def test_a_model_that_is_in_no_table_of_its_engine_is_reported() -> None:
    (found,) = reported(f"model: glm-46v-fp8\nbackend: trtllm\n{EIGHT}")
    assert "warning: model: TensorRT-LLM 1.0.0 names none of the GLM models that see" in found
    assert "choose a model of that table, or serve this one with vllm or sglang" in found


@pytest.mark.parametrize(
    ("text", "memory", "printed"),
    [
        (OF + "84}", "128g", "and the limit is 111411m (write args.kv_offloading_size: 64"),
        (OF + "62}", "64g", "hold 64 GiB beside the engine itself, and the limit is 55705m"),
        ("version: v0.33.0\nargs: {kv_offloading_size: 62}", "64g", "62 GiB of the cache are held in memory"),
    ],
)  # fmt: skip
def test_an_offload_that_would_be_killed_is_refused_with_a_size_that_is_not(
    text: str, memory: str, printed: str
) -> None:
    found = reported(f"model: glm-ocr\nhost: own\n{text}\n", profiles__hosts__own=host(memory))
    assert any(printed in problem for problem in found), found
    assert not any("warning" in problem for problem in found)


@pytest.mark.parametrize(("memory", "severity"), [("63g", "error"), ("66g", "warning"), ("70g", None)])
def test_an_offload_leaves_the_engine_its_own_memory(memory: str, severity: str | None) -> None:
    text = f"model: glm-ocr\nversion: v0.33.0\n{OF}62}}\nresources: {{memory: {memory}}}\n"
    found = of_rule(compilation({"profiles/job.yaml": text}), "known-bad")
    assert [problem.severity for problem in found] == ([severity] if severity else [])


def test_an_offload_whose_blocks_nobody_knows_is_warned_of() -> None:
    text = "backend: vllm\nhost: own\nweights: {repo: some/Model}\nargs: {kv_offloading_size: 48}\n"
    (found,) = reported(text, profiles__hosts__own=host("94g"))
    assert "warning: args.kv_offloading_size: vLLM v0.24.0 may be killed at start" in found


def test_shared_memory_that_is_smaller_than_the_offload_in_it_is_refused() -> None:
    text = "model: glm-ocr\nversion: v0.33.0\nargs: {kv_offloading_size: 62}\nresources: {shm_size: 4g}\n"
    (found,) = reported(text)
    assert found.startswith("profiles/job.yaml:4:13: resources.shm_size: vLLM v0.33.0 refuses to start")
    assert "(write resources.shm_size: 63g; " in found
    assert reported(text.replace("0.33.0", "0.26.0")) == []
    assert reported(text.replace("shm_size: 4g", "shm_size: 63g")) == []
    (found,) = reported(text.replace("shm_size: 4g", "shm_size: 62g"))
    assert "warning: resources.shm_size: vLLM v0.33.0 may refuse to start" in found


@pytest.mark.parametrize(
    ("compute", "version", "mended"),
    [("10.0", "v0.24.0", True), ("10.3", "v0.24.0", True), ("9.0", "v0.24.0", False), ("12.0", "v0.24.0", False),
     ("10.0", "v0.26.0", False)],
)  # fmt: skip
def test_flashinfer_can_link_its_kernels_where_it_links_them(compute: str, version: str, *, mended: bool) -> None:
    text = f"model: glm-ocr\nhost: own\nversion: {version}\n"
    made = compilation({"profiles/job.yaml": text, "profiles/hosts/own.yaml": host("64g", compute)})
    assert problems(made) == []
    tmpfs = made.profiles["job"].services["job"].tmpfs
    assert any("flashinfer_cubin" in place for place in tmpfs) == mended
    assert "/tmp" in tmpfs


OWN = """\
model: glm-ocr
known_bad:
  slow-reading:
    reason: "{version} reads {args.max_num_seqs} pages badly"
    since: "0.24.0"
    when: {args.max_num_seqs: above 8}
    severity: warning
    instead: {args.max_num_seqs: 8}
args: {max_num_seqs: 16}
"""


def test_a_project_adds_rows_of_its_own() -> None:
    (found,) = reported(OWN)
    expected = "profiles/job.yaml:9:8: warning: args.max_num_seqs: vLLM v0.24.0 reads 16 pages badly (write "
    assert found.startswith(expected)
    assert reported(OWN.replace("0.24.0", "0.24.1", 1)) == []
    assert reported(OWN.replace("16", "8")) == []


def test_a_row_without_a_reason_or_with_an_unknown_form_is_refused() -> None:
    found = problems(compilation({"profiles/job.yaml": OWN.replace("above 8", "over nine")}))
    assert any("known_bad.slow-reading.when.args.max_num_seqs" in problem for problem in found), found
    found = problems(
        compilation({"profiles/job.yaml": OWN.replace("reason:", "link:").replace('"{version', '"https://x {version')})
    )
    assert any("reason is missing" in problem for problem in found), found
