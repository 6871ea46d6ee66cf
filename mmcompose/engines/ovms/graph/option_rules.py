"""Checks the values of a calculator's options, once their names and types are right."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mmcompose.engines.ovms.catalogue import table
from mmcompose.engines.ovms.graph.image_rules import image_faults
from mmcompose.engines.ovms.releases import Release
from mmcompose.engines.place import Place
from mmcompose.model import Fault
from mmcompose.model.paths import below

_MOST_INT64 = 2**63
_DRAFT = (
    "draft_max_num_batched_tokens", "draft_cache_size", "draft_dynamic_split_fuse", "draft_max_num_seqs",
    "draft_block_size", "draft_device",
)  # fmt: skip
_RESPONSE_PARSERS = {"hermes3": "2025.2", "llama3": "2025.2", "phi4": "2025.2", "qwen3": "2025.2"}


def option_faults(message: str, values: Mapping[str, Any], release: Release, place: Place) -> Iterator[Fault]:
    """Judges the well-typed values of one options message."""
    plugin = values.get("plugin_config")
    if isinstance(plugin, str) and plugin:
        yield from _plugin_faults(plugin, place)
    if message == "LLMCalculatorOptions":
        yield from _cache_faults(values, place)
        yield from _draft_faults(values)
        yield from _parser_faults(values, release)
    if message == "ImageGenCalculatorOptions":
        yield from image_faults(values, static_shapes=release.between("2025.3", None))


def _plugin_faults(text: str, place: Place) -> Iterator[Fault]:
    """Checks plugin_config: a JSON object of strings, booleans and numbers, where only DEVICE_PROPERTIES may hold
    objects."""
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        yield _plugin(f"holds no JSON: {error}", """write it as '{"KEY": "value"}'""")
        return
    if not isinstance(pairs, _Pairs):
        yield _plugin("must hold a JSON object")
        return
    yield from _pair_faults(pairs, nested=True)
    cache = dict(pairs).get("CACHE_DIR")
    if isinstance(cache, str):
        yield from _cache_dir_faults(cache, place)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object that keeps its repeated keys."""


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _pair_faults(pairs: _Pairs, *, nested: bool, within: str = "") -> Iterator[Fault]:
    seen: set[str] = set()
    for name, value in pairs:
        path = f"{within}{name}"
        if name in seen:
            yield _plugin(f"{path}: given twice")
        seen.add(name)
        if nested and name == "DEVICE_PROPERTIES" and isinstance(value, _Pairs):
            for device, properties in value:
                if isinstance(properties, _Pairs):
                    yield from _pair_faults(properties, nested=False, within=f"{path}.{device}.")
                else:
                    yield _plugin(f"{path}.{device}: must be an object of properties")
        elif isinstance(value, list) or value is None:
            kind = "an object" if isinstance(value, _Pairs) else "null" if value is None else "a list"
            yield _plugin(f"{path}: must be a string, a boolean or a number, not {kind}")
        elif isinstance(value, int) and not -_MOST_INT64 <= value < _MOST_INT64:
            yield _plugin(f"{path}: the number does not fit in 64 bits")


def _plugin(message: str, hint: str = "", rule: str = "ovms-plugin-config") -> Fault:
    return Fault.of("plugin_config", message, hint, rule)


def _cache_dir_faults(cache: str, place: Place) -> Iterator[Fault]:
    hint, rule = "give the cache a volume of its own", "ovms-cache-dir"
    tied = next((folder for folder in place.read_only if below(cache, folder)), None)
    if tied is not None:
        yield _plugin(f"CACHE_DIR {cache} lies on {tied}, which is mounted read-only", hint, rule)
    elif place.writable is not None and not any(below(cache, folder) for folder in place.writable):
        yield _plugin(
            f"CACHE_DIR {cache} cannot be written to, only {', '.join(place.writable) or 'nowhere'}", hint, rule
        )


def _cache_faults(values: Mapping[str, Any], place: Place) -> Iterator[Fault]:
    sizes = [value for name in ("cache_size", "draft_cache_size") if isinstance(value := values.get(name), int)]
    if place.memory_gib is not None and sizes and sum(sizes) >= place.memory_gib:
        what = f"{sum(sizes)} GB of cache do not fit in the host's {place.memory_gib:g} GiB of memory"
        yield Fault.of("cache_size", what, "the model needs memory beside it", "ovms-cache-size")


def _draft_faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    what = "the server refuses draft settings without draft_models_path"
    for name in _DRAFT if not values.get("draft_models_path") else ():
        if name in values:
            yield Fault.of(name, what, "", "ovms-draft")


def _parser_faults(values: Mapping[str, Any], release: Release) -> Iterator[Fault]:
    tables = {
        "tool_parser": table("tasks")["tool_parsers"],
        "reasoning_parser": table("tasks")["reasoning_parsers"],
        "response_parser": _RESPONSE_PARSERS,
    }
    for name, known in tables.items():
        value = values.get(name)
        choices = [parser for parser, since in known.items() if release.between(since, None)]
        if release.between("2026.3", None):
            choices.append("none")
        if isinstance(value, str) and value and value not in choices:
            hint = f"{value} comes with {known[value]}" if value in known else ""
            what = f"{value!r} is not one of {', '.join(sorted(choices))}"
            yield Fault.of(name, what, hint, "ovms-parser", "warning" if release.newer else "error")
