"""The engines with a flag history, and what prints an engine's flags inside its image, where something does.

A history's file bears its engine's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGINES: Mapping[str, tuple[str, ...]] = {
    "vllm": ("vllm", "serve", "--help=all"),
    "vllm-bench-serve": (),
    "mmbench-sanity": (),
    "mmbench-load": (),
    "mmbench-ocr-sweep": (),
    "sglang": ("python3", "-m", "sglang.launch_server", "--help"),
    "llamacpp": ("/app/llama-server", "--help"),
    "ik_llama": ("/app/llama-server", "--help"),
    "trtllm": ("trtllm-serve", "serve", "--help"),
    "ovms": ("/ovms/bin/ovms", "--help"),
}
