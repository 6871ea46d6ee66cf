"""What is wrong with profiles that are well formed: flags, ports, weights, and names that meet in Compose."""

from __future__ import annotations

import pytest

from tests.making import compilation, problems

BASE = "model: glm-ocr\nbackend: vllm\n"


def reported(text: str) -> list[str]:
    return problems(compilation({"profiles/job.yaml": text}))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "args: {max_num_batch_tokens: 1}",
            "3:8: args.max_num_batch_tokens: is not a flag of vLLM v0.24.0 (did you mean max_num_batched_tokens?)",
        ),
        (
            "args: {max-num-seqs: 1}",
            "3:8: args.max-num-seqs: must be written with underscores (write max_num_seqs)",
        ),
        ("args: {disable_log_requests: true}", "3:8: args.disable_log_requests: was removed in vLLM "),
        ("args: {max_num_seqs: many}", "3:8: args.max_num_seqs: "),
        ("args: {kv_cache_dtype: fp3}", "3:8: args.kv_cache_dtype: "),
        ("args: {port: 80}", "3:8: args.port: mmcompose writes this flag itself (remove it here)"),
        (
            "ports: {metrics: 9000}",
            "3:9: ports.metrics: is not a port inside the container (the container listens on: api)",
        ),
        ("ports: {apu: 9000}", "3:9: ports.apu: is not a port inside the container (did you mean api?)"),
        (
            "resources: {cpus: 17}",
            "3:13: resources.cpus: must be at most 16, the cores of gpu-12gb, not 17 (write 16: Compose refuses more)",
        ),
        (
            "weights: {repo: null}",
            "1:1: weights: the service has no model to load (name a model:, or weights.repo or weights.path)",
        ),
        ("caches: {more: /tmp}", "3:10: caches.more: /tmp is taken by tmpfs./tmp (choose another path)"),
        (
            "mounts: [{source: a, target: /cache/}]",
            "3:10: mounts[0]: /cache/ is taken by caches.cache (choose another path)",
        ),
        ("weights: {format: gguf}", "3:11: weights.format: vLLM does not load gguf (it loads safetensors)"),
    ],
)
def test_a_setting_that_makes_no_sense_is_reported(text: str, problem: str) -> None:
    found = reported(f"{BASE}{text}\n")
    assert len(found) == 1
    assert found[0].startswith(f"profiles/job.yaml:{problem}")


def test_one_file_of_a_repository_of_many_must_be_named() -> None:
    found = reported("weights: {repo: a/b, format: gguf}\n")
    assert found == [
        "profiles/job.yaml:1:11: weights.file: must name the file to load from the repository (name one .gguf file)",
    ]
    assert reported("weights: {path: models/x.gguf, format: gguf}\n") == []


def test_flags_of_a_version_that_nobody_knows_are_only_warned_of() -> None:
    found = reported(f"{BASE}version: v99.0.0\nargs: {{max_num_sqs: 1}}\n")
    assert len(found) == 2
    assert all("warning: " in line for line in found)


@pytest.mark.parametrize(
    ("one", "other", "problem"),
    [
        (
            ("aa", "services: {bb-cc: {ports: {api: auto}}}\n"),
            ("aa-bb", "services: {cc: {ports: {api: auto}}}\n"),
            "profiles/aa-bb.yaml:2:12: services: aa and aa-bb would both have a service 'aa-bb-cc'",
        ),
        (
            ("aa", "caches: {bb-cc: /cache/x}\n"),
            ("aa-bb", "caches: {cc: /cache/x}\n"),
            "profiles/aa-bb.yaml:2:10: caches.cc: aa and aa-bb would both have a volume 'aa-bb-cc'",
        ),
        (
            ("aa", "secrets: {bb-cc: {file: x}}\n"),
            ("aa-bb", "secrets: {cc: {file: x}}\n"),
            "profiles/aa-bb.yaml:2:11: secrets.cc: aa and aa-bb would both have a secret 'aa-bb-cc'",
        ),
        (
            ("aa", "bench: [sanity]\n"),
            ("bench-aa", ""),
            "profiles/bench-aa.yaml:1:1: services: aa and bench-aa would both have a profile 'bench-aa'",
        ),
        (
            ("aa", "bench: [sanity]\n"),
            ("aa-bench", "services: {sanity: {ports: {api: auto}}}\n"),
            "profiles/aa-bench.yaml:2:12: services: aa and aa-bench would both have a service 'aa-bench-sanity'",
        ),
        (
            ("aa", ""),
            ("aa-own", ""),
            "profiles/aa-own.yaml:1:1: services: aa and aa-own would both have a container 'aa-own'",
        ),
        (
            ("aa", ""),
            ("own-aa", ""),
            "profiles/own-aa.yaml:1:1: services: aa and own-aa would both have a service 'own-aa'",
        ),
    ],
)
def test_two_things_of_one_name_are_seen_before_compose_sees_them(
    one: tuple[str, str], other: tuple[str, str], problem: str
) -> None:
    files = {f"profiles/{name}.yaml": f"model: glm-ocr\n{text}" for name, text in (one, other)}
    assert f"{problem} (rename one of them)" in problems(compilation(files))


def test_problems_are_sorted_and_each_is_reported_once() -> None:
    model = "weights: {repo: a/b, format: safetensors}\nargs: {nope_nope: 1}\n"
    files = {f"profiles/{name}.yaml": "model: thing\nbackend: vllm\n" for name in ("aa", "bb", "cc")}
    found = problems(compilation({**files, "profiles/models/thing.yaml": model}))
    assert found == ["profiles/models/thing.yaml:2:8: args.nope_nope: is not a flag of vLLM v0.24.0"]


def test_a_project_without_settings_is_one_problem() -> None:
    made = compilation({"profiles/job.yaml": BASE}, settings="")
    assert problems(made) == ["mmcompose.yaml:1:1: the file is empty (delete it, or write its keys)"]


@pytest.mark.parametrize("name", ["x", "Job", "a_b", "1a", "a-", "a b", "ü-b"])
def test_a_file_whose_name_cannot_be_one_is_a_problem(name: str) -> None:
    found = problems(compilation({f"profiles/{name}.yaml": BASE}))
    hint = "small letters, digits and dashes, a letter first, two to 63 characters"
    assert found == [f"profiles/{name}.yaml:1:1: {name!r} cannot be the name of a profile ({hint})"]
