"""Reads weights and KV cache from the logs of the engines. Texts in, figures in MiB out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mmcompose.model import Engine

# SGLang writes GB and divides by 2**30.
_SIZES = {"MiB": 1.0, "GiB": 1024.0, "GB": 1024.0, "MB": 1.0, "KiB": 1 / 1024, "B": 1 / (1 << 20)}


class Sign(NamedTuple):
    """The pattern of a line, with `value` and perhaps `unit`. `add`: the lines of all ranks or buffers sum up."""

    figure: str
    pattern: re.Pattern[str]
    add: bool = False


def _sign(figure: str, pattern: str, *, add: bool = False) -> Sign:
    return Sign(figure, re.compile(pattern), add)


_NUMBER = r"(?P<value>[0-9][0-9,]*(?:\.[0-9]+)?)"
_SIZE = _NUMBER + r" ?(?P<unit>[KMG]iB|[MG]B|B)\b"
_HOST_BUFFER = r"(?P<buffer>CPU\w*|\w*_Host|AMX|BLAS)"

_VLLM = (
    _sign("weights_mib", rf"Model loading took {_SIZE}", add=True),
    _sign("weights_s", rf"Model loading took \S+ \S+(?: memory)? and {_NUMBER} s"),
    _sign("kv_cache_mib", rf"Available KV cache memory: {_SIZE}", add=True),
    _sign("kv_cache_tokens", rf"GPU KV cache size: {_NUMBER} tokens"),
    _sign("max_concurrency", rf"Maximum concurrency for [0-9,]+ tokens per request: {_NUMBER}x"),
    _sign("graphs_mib", rf"Graph capturing finished in .*?took {_SIZE}", add=True),
    _sign("engine_init_s", rf"init engine \(.*?\) took {_NUMBER} s"),
)
_SGLANG = (
    _sign("weights_mib", rf"Load weight end\..*?\bmem usage={_SIZE}", add=True),
    _sign("weights_s", rf"Load weight end\. elapsed={_NUMBER} s"),
    _sign("kv_cache_tokens", rf"KV Cache is allocated\..*?#tokens: {_NUMBER}"),
    _sign("kv_cache_mib", rf"KV Cache is allocated\..*?K size: {_SIZE}", add=True),
    _sign("kv_cache_mib", rf"KV Cache is allocated\..*?V size: {_SIZE}", add=True),
    _sign("graphs_mib", rf"Capture .*?(?:cuda|CUDA) graph end\..*?mem usage={_SIZE}", add=True),
)
_LLAMACPP = (
    _sign("host_weights_mib", rf"\b{_HOST_BUFFER} model buffer size = +{_SIZE}", add=True),
    _sign("weights_mib", rf"\b(?!{_HOST_BUFFER} )\w+ model buffer size = +{_SIZE}", add=True),
    _sign("host_kv_cache_mib", rf"\b{_HOST_BUFFER} KV buffer size = +{_SIZE}", add=True),
    _sign("kv_cache_mib", rf"\b(?!{_HOST_BUFFER} )\w+ KV buffer size = +{_SIZE}", add=True),
    _sign("compute_mib", rf"\b(?!{_HOST_BUFFER} )\w+ compute buffer size = +{_SIZE}", add=True),
)
SIGNS: Mapping[str, tuple[Sign, ...]] = {
    "vllm": _VLLM,
    "sglang": _SGLANG,
    "llamacpp": _LLAMACPP,
    "ik_llama": _LLAMACPP,
}
"""By what `known_as` tells of an engine; the log of any other tells nothing of memory."""

HINTS: Mapping[str, str] = dict.fromkeys(
    ("llamacpp", "ik_llama"), "recent releases of llama.cpp print sizes from `args.log_verbosity: 4` on"
)
"""Why a log may tell nothing."""

TAKES_A_SHARE = ("vllm", "sglang", "trtllm")
"""Engines that fill a share of the card with KV cache, whatever the size of the model."""


def known_as(engine: Engine) -> str:
    """By whose flags it takes: somebody's own backend on vLLM's flags is vLLM, and prints what vLLM prints."""
    return engine.history or engine.name


def figures(known: str, lines: Iterable[str]) -> dict[str, float]:
    """Every figure that the log holds."""
    found: dict[str, float] = {}
    signs = SIGNS.get(known, ())
    for line in lines if signs else ():
        for sign in signs:
            match = sign.pattern.search(line[:2000])
            if match:
                value = _value(match)
                found[sign.figure] = found.get(sign.figure, 0.0) + value if sign.add else value
    return found


def _value(match: re.Match[str]) -> float:
    number = float(match["value"].replace(",", ""))
    return number * _SIZES[match["unit"]] if "unit" in match.re.groupindex else number
