"""The engines with a flag history: what they are called and where a new version can be learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Engine(NamedTuple):
    title: str
    data: str  # in mmcompose/engines/data
    package: str = ""  # the Python package whose source holds the flags
    help: tuple[str, ...] = ()  # what prints its flags inside its image


ENGINES: Mapping[str, Engine] = {
    "vllm": Engine("vLLM", "vllm.json", "vllm", ("vllm", "serve", "--help=all")),
    "vllm-bench-serve": Engine("vLLM bench serve", "vllm-bench-serve.json", "vllm"),
    "mmbench-sanity": Engine("mmbench sanity", "mmbench-sanity.json"),
    "mmbench-load": Engine("mmbench load", "mmbench-load.json"),
    "mmbench-ocr-sweep": Engine("mmbench ocr-sweep", "mmbench-ocr-sweep.json"),
    "sglang": Engine("SGLang", "sglang.json", "sglang", ("python3", "-m", "sglang.launch_server", "--help")),
    "llamacpp": Engine("llama.cpp", "llamacpp.json", "llama-cpp-python", ("/app/llama-server", "--help")),
    "ik_llama": Engine("ik_llama.cpp", "ik_llama.json", help=("/app/llama-server", "--help")),
    "trtllm": Engine("TensorRT-LLM", "trtllm.json", help=("trtllm-serve", "serve", "--help")),
    "ovms": Engine("OpenVINO Model Server", "ovms.json", help=("/ovms/bin/ovms", "--help")),
}
