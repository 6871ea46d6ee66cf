"""The engines that can be played: how each reads its line, where it listens, what it serves and says. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import argparse_line, own_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmcompose.engines.flags.history import VersionFlags

    from .line import Line

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # inside a container


@dataclass(frozen=True)
class Engine:
    title: str
    read: Callable[[VersionFlags, list[str]], Line] | None  # None: the service's own parser
    port: int
    host: str = EVERYWHERE
    port_flag: str = "port"
    host_flag: str = "host"
    model_flags: tuple[str, ...] = ("model",)  # beside a word of its own
    name_flags: tuple[str, ...] = ("served_model_name",)
    opens: float = 1.0  # after which share of the loading the port is open
    api: str = "/v1"
    health: tuple[str, ...] = ("/health",)
    chats: bool = True
    strict_names: bool = True  # 404 for a model that is not served
    usage_at_end: bool = False  # a stream's last part carries the usage unasked
    caches: tuple[tuple[str, str], ...] = ()  # variable → what it is without it, below the home
    metrics: str = "/metrics"
    metrics_switch: str = ""  # no metrics without this flag
    gauges: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()  # requests, prompt tokens, tokens; the names without _total


HUB = ("HF_HOME", ".cache/huggingface")
TRITON = ("TRITON_CACHE_DIR", ".triton/cache")
TORCH = ("TORCHINDUCTOR_CACHE_DIR", "/tmp/torchinductor")


def _vllm(catalogue: VersionFlags, words: list[str]) -> Line:
    if words[:1] != ["serve"]:
        return argparse_line.read(catalogue, words, "vllm", vllm=False)
    return argparse_line.read(catalogue, words[1:], "vllm serve", vllm=True)


def _sglang(catalogue: VersionFlags, words: list[str]) -> Line:
    return argparse_line.read(catalogue, words, "launch_server.py", vllm=False)


ENGINES: dict[str, Engine] = {
    "vllm": Engine(
        "vLLM",
        _vllm,
        8000,
        health=("/health", "/ping"),
        caches=(HUB, ("VLLM_CACHE_ROOT", ".cache/vllm"), TRITON, TORCH),
        gauges=("vllm:num_requests_running", "vllm:num_requests_waiting", "vllm:kv_cache_usage_perc"),
        counters=("vllm:request_success", "vllm:prompt_tokens", "vllm:generation_tokens"),
    ),
    "sglang": Engine(
        "SGLang",
        _sglang,
        30000,
        LOOPBACK,
        model_flags=("model_path",),
        opens=0.8,
        health=("/health", "/health_generate"),
        caches=(HUB, TRITON, TORCH),
        metrics_switch="enable_metrics",
        gauges=("sglang:num_running_reqs", "sglang:num_queue_reqs", "sglang:token_usage", "sglang:gen_throughput"),
        counters=("sglang:num_requests", "sglang:prompt_tokens", "sglang:generation_tokens"),
    ),
    "llamacpp": Engine(
        "llama.cpp",
        own_lines.llama,
        8080,
        LOOPBACK,
        model_flags=("model", "hf_repo"),
        name_flags=("alias",),
        opens=0.0,
        health=("/health", "/v1/health"),
        strict_names=False,
        usage_at_end=True,
        caches=(("LLAMA_CACHE", ".cache/llama.cpp"),),
        metrics_switch="metrics",
        gauges=("llamacpp:requests_processing", "llamacpp:requests_deferred", "llamacpp:predicted_tokens_seconds"),
        counters=("llamacpp:n_decode", "llamacpp:prompt_tokens", "llamacpp:tokens_predicted"),
    ),
    "trtllm": Engine(
        "TensorRT-LLM",
        own_lines.trtllm,
        8000,
        LOOPBACK,
        model_flags=(),
        caches=(HUB, TRITON),
        metrics="",  # /metrics is JSON there
    ),
    "ovms": Engine(
        "OpenVINO Model Server",
        own_lines.ovms,
        0,
        port_flag="rest_port",
        host_flag="rest_bind_address",
        model_flags=("model_name",),
        name_flags=("model_name",),
        opens=0.0,
        api="/v3",
        health=("/v2/health/ready",),
        gauges=("ovms_current_graphs",),
        counters=("ovms_requests_accepted", "ovms_graph_input_tokens", "ovms_responses"),
    ),
    "rapidocr": Engine(
        "RapidOCR service",
        None,
        8000,
        model_flags=("served_model_name",),
        opens=0.0,
        counters=("ocr_requests", "ocr_images", "ocr_lines"),
    ),
    "sam3": Engine(
        "SAM 3 service",
        None,
        8095,
        model_flags=(),
        opens=0.0,
        chats=False,
        caches=(HUB,),
        counters=("sam3_requests", "sam3_images", "sam3_masks"),
    ),
    "zoo": Engine(
        "Vision zoo service",
        None,
        8096,
        model_flags=("models",),
        opens=0.0,
        chats=False,
        caches=(HUB,),
        metrics="",
    ),
}
ENGINES["ik_llama"] = Engine(**{**vars(ENGINES["llamacpp"]), "title": "ik_llama.cpp", "read": own_lines.ik_llama})
