"""The benchmarks of a profile as services: what is rendered, what is refused, and that options are the client's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mmcompose.core.render.build_folders import content_hash
from mmcompose.engines.known import histories
from mmcompose.engines.known.benchmarks import RELEASE, contained
from tests.bench import client_flags
from tests.making import ROOT, artifacts, compilation, problems

if TYPE_CHECKING:
    from collections.abc import Mapping

OCR = """
    model: glm-ocr
    backend: vllm
    image: vllm/vllm-openai:v0.24.0
    gpu: {count: 1, share: exclusive}
    bench: [sanity, load, ocr-sweep, vllm-bench]
"""
CPU = """
    backend: rapidocr
    host: cpu
    image_type: prebuilt
    image: ocr:1
    bench: [sanity, ocr-sweep]
"""


def services(text: str, name: str = "ocr") -> Mapping[str, Any]:
    made = artifacts({f"profiles/{name}.yaml": text})
    found: Mapping[str, Any] = yaml.safe_load(made[f"compose/{name}.yaml"])["services"]
    return found


def test_each_kind_is_a_service_of_the_bench_profile_that_waits_for_the_engine() -> None:
    found = {name: each for name, each in services(OCR).items() if "-bench-" in name}
    assert list(found) == [f"ocr-bench-{kind}" for kind in ("sanity", "load", "ocr-sweep", "vllm-bench")]
    for each in found.values():
        assert each["profiles"] == ["bench-ocr"]
        assert each["depends_on"] == {"ocr": {"condition": "service_healthy"}}
        assert each["networks"] == ["ocr"]
        assert each["user"] == "1000:1000"
        assert each["read_only"] is True
        assert each["cap_drop"] == ["ALL"]
        assert each["restart"] == "no"
        assert each["deploy"]["resources"]["limits"].keys() == {"memory", "pids"}
        assert "devices" not in str(each["deploy"])
        assert {"../benchmarks/results"} <= {volume["source"] for volume in each["volumes"]}
        assert (each["labels"]["mmcompose.role"], "mmcompose.gpus" in each["labels"]) == ("bench", False)


def test_the_engine_itself_is_in_no_bench_profile_of_its_own_file_but_in_the_overlays() -> None:
    made = artifacts({"profiles/ocr.yaml": OCR})
    assert "profiles" not in yaml.safe_load(made["compose/ocr.yaml"])["services"]["ocr"]
    overlay = yaml.safe_load(made["compose/profiles/ocr.yaml"])["services"]
    assert overlay["ocr"]["profiles"] == ["ocr", "bench-ocr"]
    assert not [name for name in overlay if "-bench-" in name]


def test_the_wiring_is_the_entrypoint_and_the_preset_is_the_command() -> None:
    """So that `docker compose run SERVICE --concurrency 4` replaces the preset and nothing else."""
    load = services(OCR)["ocr-bench-load"]
    assert load["entrypoint"] == ["python", "-m", "mmbench", "load", "--base-url", "http://ocr:8000",
                                  "--model", "glm-ocr", "--out", "/results"]  # fmt: skip
    assert load["command"] == ["--concurrency", "16", "--input-tokens", "32", "--output-tokens", "64"]


def test_the_engines_own_benchmark_runs_from_the_engines_image_and_reads_its_cache() -> None:
    found = services(OCR)
    each = found["ocr-bench-vllm-bench"]
    assert each["image"] == found["ocr"]["image"]
    assert each["entrypoint"][:3] == ["vllm", "bench", "serve"]
    assert "zai-org/GLM-OCR" in each["entrypoint"]
    arguments = " ".join(each["command"])
    for printed in ("--num-prompts 200", "--max-concurrency 16", "--request-rate inf", "--random-input-len 32",
                 "--random-output-len 64"):  # fmt: skip
        assert printed in arguments
    assert "ocr-cache" in {volume["source"] for volume in each["volumes"]}
    assert each["environment"]["HF_HUB_OFFLINE"] == "1"


def test_the_missions_ocr_sweep_is_the_preset_and_a_backend_may_have_its_own() -> None:
    vlm = " ".join(services(OCR)["ocr-bench-ocr-sweep"]["command"])
    assert "--concurrency 8,16,24,32" in vlm
    assert "--max-tokens 128 --timeout 120" in vlm
    assert "when was this receipt issued?" in vlm
    reader = services(CPU)["ocr-bench-ocr-sweep"]["command"]
    assert reader == ["--concurrency", "1,2,4,8", "--timeout", "120"]
    assert services(CPU)["ocr-bench-sanity"]["command"] == ["--with-image"]


def test_a_profile_changes_what_it_wants_and_says_why() -> None:
    text = (
        OCR
        + "    bench_args: {load: {concurrency: [1, 2], slo: 'ttft=500ms'}}\n    why: {bench_args.load.slo: promised}\n"
    )
    made = artifacts({"profiles/ocr.yaml": text})["compose/ocr.yaml"]
    assert '# promised\n      - "--slo"\n      - "ttft=500ms"' in made
    assert '- "--concurrency"\n      - "1,2"' in made


def test_an_engine_behind_another_prefix_or_a_key_is_reached() -> None:
    ovms = """
        model: qwen25-vl-7b
        backend: ovms
        host: intel-igpu
        gpu: {count: 1, share: exclusive}
        bench: [load]
    """
    assert "http://job:8000/v3" in services(ovms, "job")["job-bench-load"]["entrypoint"]


def test_a_profile_without_benchmarks_has_no_build_folder_of_the_client() -> None:
    made = artifacts(
        {"profiles/ocr.yaml": OCR.replace("bench: [sanity, load, ocr-sweep, vllm-bench]", "bench: [vram]")}
    )
    assert not [path for path in made if "build/bench" in path]
    assert "bench-ocr" not in made["compose/profiles/ocr.yaml"]


WRONG = {
    "no such kind": ("bench: [loud]", "no benchmark 'loud' (did you mean load?)"),
    "another engine's": (
        "bench: [vllm-bench]\nmodel: qwen-small\nbackend: llamacpp\nhost: cpu",
        "vllm-bench measures vllm only, this is llamacpp",
    ),
    "no endpoint for it": (
        "bench: [load]\nbackend: rapidocr\nhost: cpu\nimage: a:1\nimage_type: prebuilt",
        "load cannot ask RapidOCR",
    ),
    "no such option": ("bench: [load]\nbench_args: {load: {concurency: 4}}", "did you mean concurrency?"),
    "an option of another kind": (
        "bench: [sanity]\nbench_args: {sanity: {rate: 4}}",
        "is not a flag of mmbench sanity",
    ),
    "a wrong type": ("bench: [load]\nbench_args: {load: {input_tokens: many}}", "input_tokens"),
    "what the wiring writes": ("bench: [load]\nbench_args: {load: {out: /tmp}}", "bench_args.load.out"),
    "options of no kind": ("bench: [load]\nbench_args: {loud: {rate: 4}}", "no benchmark 'loud'"),
    "an option that this release lacks": (
        "bench: [vllm-bench]\nbench_args: {vllm-bench: {speed: 4}}",
        "bench_args.vllm-bench.speed",
    ),
}


@pytest.mark.parametrize(("text", "printed"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_measured_is_reported_at_its_line(text: str, printed: str) -> None:
    base = "" if "backend:" in text else "model: glm-ocr\nbackend: vllm\ngpu: {count: 1, share: exclusive}\n"
    found = problems(compilation({"profiles/job.yaml": base + text}))
    assert any(printed in each and each.startswith("profiles/job.yaml:") for each in found), found


@pytest.mark.parametrize("kind", client_flags.KINDS)
def test_the_known_options_are_those_of_the_clients_own_parser(kind: str) -> None:
    """`python -m tests.bench.client_flags` writes them again."""
    assert client_flags.file_of(kind).read_text(encoding="utf-8") == client_flags.text_of(kind)


@pytest.mark.parametrize("kind", client_flags.KINDS)
def test_every_option_of_the_client_is_described(kind: str) -> None:
    reported = json.loads(client_flags.text_of(kind))["help"]
    assert [name for name, arguments in reported.items() if not arguments] == []


def test_the_release_is_the_one_of_the_client() -> None:
    from benchmarks.mmbench import VERSION

    assert VERSION == RELEASE


def test_every_kind_has_the_flags_of_its_program() -> None:
    assert all(histories.load(kind.history) for kind in contained().values())


def test_the_emitted_build_folder_is_the_client_byte_for_byte() -> None:
    emitted = ROOT / "compose/build/bench"
    files = {path.relative_to(emitted).as_posix(): path.read_bytes() for path in emitted.rglob("*") if path.is_file()}
    assert {"Dockerfile", "requirements.txt", "mmbench/cli.py", "receipts/receipt-1.jpg"} <= files.keys()
    assert files == {path: (ROOT / "benchmarks" / path).read_bytes() for path in files}


def test_the_tag_follows_every_byte_and_every_name() -> None:
    files = {"a": b"1", "b": b"2"}
    assert (
        len({content_hash(each) for each in (files, {"a": b"12", "b": b""}, {"a": b"1", "c": b"2"}, {"a": b"1"})}) == 4
    )
