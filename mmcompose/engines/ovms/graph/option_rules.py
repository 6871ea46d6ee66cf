"""Checks the values of a calculator's options, once their names and types are right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mmcompose.engines.ovms.catalogue import table
from mmcompose.engines.ovms.graph.image_rules import image_faults
from mmcompose.engines.ovms.releases import Release, key
from mmcompose.engines.place import Place
from mmcompose.model import Fault

_MOST_INT64 = 2**63
_DRAFT = (
    "draft_max_num_batched_tokens",
    "draft_cache_size",
    "draft_dynamic_split_fuse",
    "draft_max_num_seqs",
    "draft_block_size",
    "draft_device",
)
_RESPONSE_PARSERS = {"hermes3": "2025.2", "llama3": "2025.2", "phi4": "2025.2", "qwen3": "2025.2"}


def option_faults(message: str, values: Mapping[str, Any], release: Release, place: Place) -> list[Fault]:
    """Judges the well-typed values of one options message."""
    faults: list[Fault] = []
    plugin = values.get("plugin_config")
    if isinstance(plugin, str) and plugin:
        faults += _plugin_faults(plugin, place)
    if message == "LLMCalculatorOptions":
        faults += _cache_faults(values, place) + _draft_faults(values) + _parser_faults(values, release)
    if message == "ImageGenCalculatorOptions":
        faults += image_faults(values, static_shapes=release.between("2025.3", None))
    return faults


def _plugin_faults(text: str, place: Place) -> list[Fault]:
    """Checks plugin_config: a JSON object of strings, booleans and numbers, where only DEVICE_PROPERTIES may hold
    objects."""
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        hint = """write it as '{"KEY": "value"}'"""
        return [Fault.of("plugin_config", f"holds no JSON: {error}", hint, "ovms-plugin-config")]
    if not isinstance(pairs, _Pairs):
        return [Fault.of("plugin_config", "must hold a JSON object", "", "ovms-plugin-config")]
    faults = _pair_faults(pairs, nested=True)
    cache = dict(pairs).get("CACHE_DIR")
    if isinstance(cache, str):
        faults += _cache_dir_faults(cache, place)
    return faults


class _Pairs(list[tuple[str, Any]]):
    """A JSON object that keeps its repeated keys."""


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _pair_faults(pairs: _Pairs, *, nested: bool, within: str = "") -> list[Fault]:
    faults = []
    seen: set[str] = set()
    for name, value in pairs:
        path = f"{within}{name}"
        if name in seen:
            faults.append(_plugin(f"{path}: given twice"))
        seen.add(name)
        if nested and name == "DEVICE_PROPERTIES" and isinstance(value, _Pairs):
            for device, properties in value:
                if isinstance(properties, _Pairs):
                    faults += _pair_faults(properties, nested=False, within=f"{path}.{device}.")
                else:
                    faults.append(_plugin(f"{path}.{device}: must be an object of properties"))
        elif isinstance(value, list) or value is None:
            kind = "an object" if isinstance(value, _Pairs) else "null" if value is None else "a list"
            faults.append(_plugin(f"{path}: must be a string, a boolean or a number, not {kind}"))
        elif isinstance(value, int) and not -_MOST_INT64 <= value < _MOST_INT64:
            faults.append(_plugin(f"{path}: the number does not fit in 64 bits"))
    return faults


def _plugin(message: str) -> Fault:
    return Fault.of("plugin_config", message, "", "ovms-plugin-config")


def _cache_dir_faults(cache: str, place: Place) -> list[Fault]:
    hint = "give the cache a volume of its own"
    for folder in place.read_only:
        if _within(cache, folder):
            what = f"CACHE_DIR {cache} lies on {folder}, which is mounted read-only"
            return [Fault.of("plugin_config", what, hint, "ovms-cache-dir")]
    if place.writable is not None and not any(_within(cache, folder) for folder in place.writable):
        places = ", ".join(place.writable) or "nowhere"
        what = f"CACHE_DIR {cache} cannot be written to, only {places}"
        return [Fault.of("plugin_config", what, hint, "ovms-cache-dir")]
    return []


def _within(path: str, folder: str) -> bool:
    base = folder.rstrip("/")
    return path == base or path.startswith(f"{base}/")


def _cache_faults(values: Mapping[str, Any], place: Place) -> list[Fault]:
    sizes = [value for name in ("cache_size", "draft_cache_size") if isinstance(value := values.get(name), int)]
    if place.memory_gib is None or not sizes or sum(sizes) < place.memory_gib:
        return []
    what = f"{sum(sizes)} GB of cache do not fit in the host's {place.memory_gib:g} GiB of memory"
    hint = "the model needs memory beside it"
    return [Fault.of("cache_size", what, hint, "ovms-cache-size")]


def _draft_faults(values: Mapping[str, Any]) -> list[Fault]:
    if values.get("draft_models_path"):
        return []
    what = "the server refuses draft settings without draft_models_path"
    return [Fault.of(name, what, "", "ovms-draft") for name in _DRAFT if name in values]


def _parser_faults(values: Mapping[str, Any], release: Release) -> list[Fault]:
    tables = {
        "tool_parser": table("tasks")["tool_parsers"],
        "reasoning_parser": table("tasks")["reasoning_parsers"],
        "response_parser": _RESPONSE_PARSERS,
    }
    faults = []
    for name, known in tables.items():
        value = values.get(name)
        if not isinstance(value, str) or not value:
            continue
        choices = [parser for parser, since in known.items() if key(since) <= key(release.known)]
        if release.between("2026.3", None):
            choices.append("none")
        if value not in choices:
            since = known.get(value)
            hint = f"{value} comes with {since}" if since else ""
            what = f"{value!r} is not one of {', '.join(sorted(choices))}"
            faults.append(Fault.of(name, what, hint, "ovms-parser", "warning" if release.newer else "error"))
    return faults
