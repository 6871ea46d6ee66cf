"""The extractors on small samples of each generation of sources: names, forms, choices, defaults, negative forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mmcompose.engines.learn import help_text, llamacpp, sglang, vllm
from mmcompose.engines.learn.add_argument import NAMED_OR_JSON

SAMPLES = Path(__file__).parent / "samples"


def files(sample: str) -> dict[str, str]:
    """The files of a sample by path; each begins with a line `### path`."""
    parts = (SAMPLES / f"{sample}.txt").read_text().split("### ")[1:]
    return {path: text for path, _, text in (part.partition("\n") for part in parts)}


def test_vllm_up_to_0_8_3_literal_calls() -> None:
    assert vllm.learn(files("vllm-literal")) == {
        "config": {"kind": "str", "default": ""},
        "port": {"kind": "int", "default": 8000},
        "lora_modules": {"kind": "str", "many": "+", "pattern": NAMED_OR_JSON},
        "middleware": {"kind": "str", "many": "repeat", "default": []},
        "model_tag": {"kind": "str"},
        "model": {"kind": "str", "default": "facebook/opt-125m"},
        "tokenizer": {"kind": "str"},
        "device": {"kind": "str", "choices": ["auto", "cuda", "cpu"], "default": "auto"},
        "max_num_seqs": {"kind": "int"},
        "gpu_memory_utilization": {"kind": "float", "default": 0.9},
        "tensor_parallel_size": {"kind": "int", "aliases": ["-tp"], "default": 1},
        "limit_mm_per_prompt": {"kind": "pairs"},
        "enable_chunked_prefill": {"kind": "truth", "many": "?"},
        "trust_remote_code": {"kind": "switch", "default": False},
        "enable_prefix_caching": {"kind": "switch", "off": "no"},
        "load_format": {"kind": "str", "open": True, "default": "auto"},
        "served_model_name": {"kind": "str", "many": "+"},
        "disable_log_requests": {"kind": "switch", "default": False},
    }


def test_vllm_from_0_8_4_flags_made_from_configuration_classes() -> None:
    assert vllm.learn(files("vllm-derived")) == {
        "headless": {"kind": "switch", "default": False},
        "host": {"kind": "str"},
        "port": {"kind": "int", "default": 8000},
        "allowed_origins": {"kind": "json", "default": ["*"]},
        "middleware": {"kind": "str", "many": "repeat", "default": []},
        "uvicorn_log_level": {"kind": "str", "choices": ["debug", "info"], "default": "info"},
        "model": {"kind": "str", "default": "Qwen/Qwen3-0.6B"},
        "max_model_len": {"kind": "int", "suffixes": "K"},
        "trust_remote_code": {"kind": "switch", "off": "no", "default": False},
        "quantization": {"kind": "str", "choices": ["awq", "gptq"], "nullable": True, "aliases": ["-q"]},
        "load": {"kind": "str", "choices": ["awq", "gptq"], "open": True, "default": "awq"},
        "kind": {"kind": "str", "choices": ["one", "two"], "default": "one"},
        "hf_token": {"kind": "str", "many": "?"},
        "hf_overrides": {"kind": "json-or-str", "default": {}},
        "kwargs": {"kind": "json", "default": {}},
        "names": {"kind": "str", "many": "+"},
        "sizes": {"kind": "int", "many": "+", "default": []},
        "pair": {"kind": "float", "many": "2", "default": [0.0, 1.0]},
        "options": {"kind": "str"},
        "batch": {"kind": "int", "suffixes": "K"},
        "kv_cache_dtype": {"kind": "str", "choices": ["auto", "fp8"], "default": "auto"},
        "gpu_memory_utilization": {"kind": "float", "default": 0.9, "aliases": ["--device-memory-utilization"]},
        "compilation_config": {
            "kind": "json",
            "object": True,
            "keys": ["backend", "mode"],
            "aliases": ["-O"],
            "expr": "field(default_factory=CompilationConfig)",
        },
        "kv_transfer_config": {"kind": "json", "object": True, "nullable": True},
        "modes": {"kind": "str", "choices": ["all", "none"], "many": "+", "default": []},
        "guided_decoding_backend": {"kind": "str", "deprecated": True},
        "guided_decoding_level": {"kind": "int", "deprecated": True},
        "device_ids": {"kind": "str", "fold": True},
    }


def test_vllm_0_33_moved_files_strict_classes_and_pairs_of_enable_and_disable() -> None:
    assert vllm.learn(files("vllm-moved")) == {
        "config": {"kind": "str"},
        "lora_modules": {"kind": "str", "many": "+", "pattern": NAMED_OR_JSON},
        "tokens_only": {"kind": "switch", "off": "no", "default": False},
        "chat_template_kwargs": {"kind": "json"},
        "port": {"kind": "int", "default": 8000},
        "allowed_origins": {"kind": "json", "default": []},
        "kv_cache_dtype": {"kind": "str", "choices": ["auto", "fp8"], "open": True, "default": "auto"},
        "enable_prefix_caching": {"kind": "switch", "off": "no", "negatives": ["--disable-prefix-caching"]},
        "all2all_backend": {"kind": "str", "choices": ["naive"], "default": "naive"},
        "attention_config": {
            "kind": "json",
            "object": True,
            "suffixes": "K",
            "keys": ["backend", "version"],
            "aliases": ["-ac"],
            "expr": "field(default_factory=AttentionConfig)",
        },
        "model_loader_extra_config": {"kind": "json-or-str", "default": {}},
        "limit_mm_per_prompt": {"kind": "json", "expr": "field(default_factory=MMOptions)"},
        "max_model_len": {"kind": "int", "suffixes": "K", "auto": True, "nullable": True},
        "max_num_batched_tokens": {"kind": "int", "suffixes": "K", "nullable": True},
        "enable_log_requests": {
            "kind": "switch",
            "off": "no",
            "negatives": ["--disable-log-requests"],
            "default": False,
        },
    }


def test_sglang_literal_calls() -> None:
    assert sglang.learn(files("sglang-calls")) == {
        "model_path": {"kind": "str", "aliases": ["--model"], "required": True},
        "mem_fraction_static": {"kind": "float"},
        "tensor_parallel_size": {"kind": "int", "aliases": ["--tp-size"], "default": 1},
        "trust_remote_code": {"kind": "switch", "default": False},
        "attention_backend": {"kind": "str", "choices": ["triton", "fa3"]},
        "tool_call_parser": {"kind": "str", "open": True},
        "lora_paths": {"kind": "str", "many": "*"},
        "enable_flashmla": {"kind": "switch", "stub": True},
        "stream_output": {"kind": "switch", "deprecated": True, "default": False},
    }


def test_sglang_annotations_on_the_class() -> None:
    assert sglang.learn(files("sglang-annotations")) == {
        "model_path": {"kind": "str", "aliases": ["--model"], "required": True},
        "tokenizer_path": {"kind": "str"},
        "tensor_parallel_size": {"kind": "int", "aliases": ["--tp-size"], "default": 1},
        "trust_remote_code": {"kind": "switch", "default": False},
        "attention_backend": {"kind": "str", "choices": ["triton", "fa3"]},
        "moe": {"kind": "str", "choices": ["auto", "none"], "default": "auto"},
        "lora_paths": {"kind": "str", "many": "*"},
        "context_length": {"kind": "int", "suffixes": "Ki"},
        "hooks": {"kind": "json"},
        "old": {"kind": "switch", "deprecated": True, "default": False},
        "config": {"kind": "str"},
    }


def test_sglang_fields_in_their_own_files() -> None:
    assert sglang.learn(files("sglang-fields")) == {
        "device": {"kind": "str", "choices": ["cuda", "cpu"]},
        "base_gpu_id": {"kind": "int", "default": 0},
        "tf32": {"kind": "switch", "off": "no", "default": False},
        "disable_cuda_graph": {"kind": "switch", "deprecated": True, "default": False},
    }


def test_llama_cpp_options() -> None:
    assert llamacpp.learn(files("llamacpp-arg")) == {
        "help": {"kind": "switch", "aliases": ["-h", "--usage"]},
        "ctx_size": {"kind": "int", "aliases": ["-c"]},
        "temp": {"kind": "float", "expr": "0.8"},
        "flash_attn": {
            "kind": "str",
            "choices": ["on", "off", "auto"],
            "words": ["true", "1", "enabled", "false", "0", "disabled"],
            "aliases": ["-fa"],
        },
        "cont_batching": {"kind": "switch", "off": "no", "negatives": ["-nocb"], "aliases": ["-cb"]},
        "gpu_layers": {"kind": "int", "words": ["auto", "all"], "aliases": ["-ngl", "--n-gpu-layers"]},
        "lora": {"kind": "str", "many": "repeat"},
        "control_vector_layer_range": {"kind": "int", "many": "2"},
        "draft": {"kind": "int", "stub": True, "aliases": ["--draft-max"]},
        "mlock": {"kind": "switch"},
        "cache_type_k": {"kind": "str", "choices": ["f32", "q8_0", "iq4_nl"], "aliases": ["-ctk"]},
        "load_mode": {"kind": "str", "choices": ["auto", "mmap+mlock"]},
        "reasoning_format": {"kind": "str", "choices": ["none", "deepseek-legacy", "auto"], "expr": "auto"},
        "device_for_pictures": {"kind": "str"},
    }


def test_ik_llama_branches() -> None:
    assert llamacpp.learn(files("ik-llama-branches")) == {
        "threads": {"kind": "int", "aliases": ["-t"]},
        "temp": {"kind": "float"},
        "run_time_repack": {"kind": "switch", "aliases": ["-rtr"]},
        "cache_type_k_draft": {"kind": "str", "choices": ["f16", "q8_KV"], "aliases": ["-ctkd"]},
        "context_shift": {"kind": "str", "choices": ["on", "off"], "fold": True},
        "lora_scaled": {"kind": "str", "many": "2"},
        "reverse_prompt": {"kind": "str", "many": "repeat", "aliases": ["-r"]},
    }


def test_the_help_of_argparse() -> None:
    assert help_text.learn((SAMPLES / "help-argparse.txt").read_text()) == {
        "config": {"kind": "str"},
        "headless": {"kind": "switch", "default": False},
        "enable_prefix_caching": {"kind": "switch", "off": "no"},
        "kv_cache_dtype": {"kind": "str", "choices": ["auto", "fp8"], "default": "auto"},
        "tensor_parallel_size": {"kind": "int", "aliases": ["-tp"], "default": 1},
        "gpu_memory_utilization": {"kind": "float", "default": 0.92},
        "api_key": {"kind": "str", "many": "+"},
        "hf_token": {"kind": "str", "many": "?"},
        "model_impl": {"kind": "str", "choices": ["auto", "vllm"], "open": True, "default": "auto"},
        "hf_overrides": {"kind": "json", "default": "{}"},
    }


def test_the_help_of_llama_server() -> None:
    assert help_text.learn((SAMPLES / "help-llama-server.txt").read_text()) == {
        "threads": {"kind": "str", "aliases": ["-t"], "default": "<num_cpus>"},
        "prio": {"kind": "int", "default": 0},
        "flash_attn": {"kind": "str", "choices": ["on", "off", "auto"], "aliases": ["-fa"]},
        "perf": {"kind": "switch", "off": "no", "default": "false"},
        "no_host": {"kind": "switch"},
        "port": {"kind": "int", "default": 8080},
        "gpu_layers": {"kind": "str", "aliases": ["-ngl", "--n-gpu-layers"]},
    }


def test_the_help_of_clap() -> None:
    assert help_text.learn((SAMPLES / "help-clap.txt").read_text()) == {
        "model_id": {"kind": "str"},
        "dtype": {"kind": "str", "choices": ["float16", "float32"]},
        "pooling": {"kind": "str", "choices": ["cls", "mean", "splade", "last-token"]},
        "max_concurrent_requests": {"kind": "int", "default": 512},
        "max_batch_tokens": {"kind": "int", "default": 16384},
        "max_client_batch_size": {"kind": "int", "default": 32},
        "port": {"kind": "int", "aliases": ["-p"], "default": 3000},
        "json_output": {"kind": "switch"},
    }


CLI = "vllm/entrypoints/openai/cli_args.py"
BROKEN: list[dict[str, Any]] = [
    {},
    {"vllm/engine/arg_utils.py": "def add_cli_args(:"},
    {CLI: "def make_arg_parser(parser):\n    x = y = get_kwargs(Nothing)\n"},
    {
        "vllm/entrypoints/openai/cli_args.py": "from vllm.a import make_arg_parser\n",
        "vllm/a.py": "from vllm.a import *\n",
    },
    {CLI: "A = A\ndef make_arg_parser(p):\n    p.add_argument('--x', choices=A)\n"},
    {"sglang/srt/server_args.py": "\0"},
    {"sglang/srt/server_args.py": "class ServerArgs(ServerArgs):\n    x: A[int, Arg()]\n"},
    {"common/arg.cpp": 'add_opt(common_arg({"--x"'},
    {"common/arg.cpp": "add_opt(common_arg({"},
    {"common/common.cpp": 'if (arg == "--x") {'},
]


@pytest.mark.parametrize("texts", BROKEN, ids=[str(i) for i in range(len(BROKEN))])
def test_a_source_that_makes_no_sense_is_no_traceback(texts: dict[str, str]) -> None:
    for learner in (vllm, sglang, llamacpp):
        assert isinstance(learner.learn(texts), dict)


@pytest.mark.parametrize("text", ["", "\n" * 1000, "--", "- -- ---", "no help at all", "  --x" * 10_000, "\0"])
def test_a_text_that_is_no_help_is_no_traceback(text: str) -> None:
    assert isinstance(help_text.learn(text), dict)
