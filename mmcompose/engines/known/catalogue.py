"""The engines and benchmark programs with a flag history, and what prints an engine's flags inside its image.

A history's file bears its engine's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmcompose.engines.known.benchmarks import contained

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGINES: Mapping[str, tuple[str, ...]] = {
    "vllm": ("vllm", "serve", "--help=all"),
    **dict.fromkeys([kind.history for kind in contained().values()], ()),
    "sglang": ("python3", "-m", "sglang.launch_server", "--help"),
    "llamacpp": ("/app/llama-server", "--help"),
    "ik_llama": ("/app/llama-server", "--help"),
    "trtllm": ("trtllm-serve", "serve", "--help"),
    "ovms": ("/ovms/bin/ovms", "--help"),
}
