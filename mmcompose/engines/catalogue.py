"""The engines with a flag history: what they are called and where a new version can be learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Engine(NamedTuple):
    title: str
    data: str  # in mmcompose/engines/data
    package: str = ""  # the Python package whose source holds the flags


ENGINES: Mapping[str, Engine] = {
    "vllm": Engine("vLLM", "vllm.json", "vllm"),
    "vllm-bench-serve": Engine("vLLM bench serve", "vllm-bench-serve.json", "vllm"),
    "mmbench-sanity": Engine("mmbench sanity", "mmbench-sanity.json"),
    "mmbench-load": Engine("mmbench load", "mmbench-load.json"),
    "mmbench-ocr-sweep": Engine("mmbench ocr-sweep", "mmbench-ocr-sweep.json"),
    "sglang": Engine("SGLang", "sglang.json", "sglang"),
    "llamacpp": Engine("llama.cpp", "llamacpp.json", "llama-cpp-python"),
    "ik_llama": Engine("ik_llama.cpp", "ik_llama.json"),
    "trtllm": Engine("TensorRT-LLM", "trtllm.json"),
    "ovms": Engine("OpenVINO Model Server", "ovms.json"),
}
