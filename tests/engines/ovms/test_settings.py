"""The typed settings of a profile's graph: judged by the release, then written so that the server reads the same."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from mmcompose.engines.ovms.graph.graph import check_graph
from mmcompose.engines.ovms.graph.settings import TASKS, check_settings, complete
from mmcompose.engines.place import Place
from mmcompose.model import dotted
from tests.engines.ovms.making import RELEASES, SETTINGS, graph_of

LLM = {"models_path": "/m"}


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("task", SETTINGS)
def test_sound_settings_are_sound_in_every_release(task: str, release: str) -> None:
    assert check_settings(task, SETTINGS[task], release) == []


@pytest.mark.parametrize(
    ("task", "release", "settings", "path", "message"),
    [
        ("text_generation", "2025.4.1", {**LLM, "block_size": 1}, "block_size", "removed in 2025.0"),
        ("text_generation", "2025.2", {**LLM, "tool_parser": "phi4"}, "tool_parser", "comes with 2025.3, not yet"),
        ("text_generation", "2025.4.1", {**LLM, "max_num_seq": 1}, "max_num_seq", "no such field"),
        ("text_generation", "2025.4.1", {**LLM, "max_num_seqs": "1"}, "max_num_seqs", "must be a whole number"),
        ("text_generation", "2025.4.1", {**LLM, "max_num_seqs": True}, "max_num_seqs", "not true"),
        ("text_generation", "2025.4.1", {**LLM, "max_num_seqs": -1}, "max_num_seqs", "must lie between 0 and"),
        ("text_generation", "2025.4.1", {**LLM, "cache_size": None}, "cache_size", "not null"),
        ("text_generation", "2025.4.1", {**LLM, "enable_prefix_caching": 1}, "enable_prefix_caching", "true or false"),
        ("text_generation", "2025.4.1", {**LLM, "device": 3}, "device", "must be a string, not 3"),
        ("text_generation", "2025.4.1", {**LLM, "device": "\ud800"}, "device", "surrogate"),
        ("text_generation", "2025.4.1", {**LLM, "pipeline_type": "OMNI"}, "pipeline_type", "is not one of LM, VLM"),
        ("text_generation", "2025.4.1", {**LLM, "pipeline_type": 3}, "pipeline_type", "3 is not one of"),
        (
            "text_generation",
            "2025.4.1",
            {**LLM, "plugin_config": [1]},
            "plugin_config",
            "must be a mapping, not a list",
        ),
        ("text_generation", "2025.4.1", {**LLM, "plugin_config": "A=1"}, "plugin_config", "holds no JSON"),
        ("text_generation", "2025.4.1", {**LLM, "plugin_config": {"A": [1]}}, "plugin_config", "not a list"),
        (
            "text_generation",
            "2025.4.1",
            {**LLM, "plugin_config": {"A": dt.date(2026, 1, 1)}},
            "plugin_config",
            "cannot be written as JSON",
        ),
        ("text_generation", "2025.4.1", {**LLM, "plugin_config": {"A": float("nan")}}, "plugin_config", "as JSON"),
        ("text_generation", "2025.4.1", {**LLM, "cache_eviction_config": 1}, "cache_eviction_config", "a mapping"),
        (
            "text_generation",
            "2025.4.1",
            {**LLM, "cache_eviction_config": {"start_size": 1, "recent_size": 1}},
            "cache_eviction_config.max_cache_size",
            "is required",
        ),
        ("text_generation", "2025.4.1", {**LLM, "draft_device": "CPU"}, "draft_device", "without draft_models_path"),
        ("text_generation", "2025.4.1", {**LLM, "cache_size": 32}, "cache_size", "32 GB of cache do not fit"),
        (
            "text_generation",
            "2025.4.1",
            {**LLM, "plugin_config": {"CACHE_DIR": "/models/cache"}},
            "plugin_config",
            "CACHE_DIR /models/cache lies on /models, which is mounted read-only",
        ),
        ("text_generation", "2025.4.1", {}, "models_path", "is required"),
        ("text_generation", "2025.1", {}, "models_path", "is required"),
        ("text_generation", "2025.4.1", {"models_path": "./"}, "models_path", "must be an absolute path"),
        ("embeddings", "2025.4.1", {**LLM, "device": "GPU"}, "device", "no such field"),
        ("embeddings", "2025.3", {**LLM, "pooling": "MEAN"}, "pooling", "is not one of CLS, LAST"),
        ("rerank", "2025.4.1", {**LLM, "max_allowed_chunks": 1.5}, "max_allowed_chunks", "must be a whole number"),
        ("image_generation", "2026.2", {**LLM, "lora_adapters": {}}, "lora_adapters", "must be a list"),
        ("image_generation", "2026.2", {**LLM, "lora_adapters": [1]}, "lora_adapters[0]", "must be a mapping"),
        ("image_generation", "2025.4.1", {**LLM, "device": "NPU"}, "device", "needs a static resolution"),
        ("embeddings", "2025.1", LLM, "task", "graphs for embeddings come with 2025.2, not yet in 2025.1"),
        ("text-generation", "2025.4.1", LLM, "task", "is not one of text_generation"),
        ("text_generation", "latest", LLM, "", "'latest' is no release"),
    ],
)
def test_wrong_settings(task: str, release: str, settings: dict[str, Any], path: str, message: str) -> None:
    found = check_settings(task, settings, release, Place(read_only=["/models"], memory_gib=16))
    assert [dotted(fault.path) for fault in found] == [path]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ({**LLM, "device": "GPU"}, "for this task it is called target_device"),
        ({**LLM, "normalise_embeddings": True}, "did you mean normalize_embeddings?"),
        ({**LLM, "mean_pooling": True}, "pooling: CLS or LAST took its place; pooling: MEAN comes with 2025.4"),
    ],
)
def test_a_fault_says_what_to_do(settings: dict[str, Any], hint: str) -> None:
    assert check_settings("embeddings", settings, "2025.4.1")[0].hint == hint


def test_several_faults_come_at_once() -> None:
    settings = {"models_path": "rel", "block_size": 1, "cache_size": "x", "plugin_config": "x"}
    found = check_settings("text_generation", settings, "2025.4.1")
    assert {dotted(fault.path) for fault in found} == set(settings)


@pytest.mark.parametrize("task", TASKS)
def test_the_order_of_settings_changes_no_byte(task: str) -> None:
    settings = SETTINGS.get(task, {"target_device": "CPU", "models_path": "/m"})
    turned = dict(reversed(settings.items()))
    assert graph_of(task, settings, "2026.3") == graph_of(task, turned, "2026.3")


def test_plugin_config_reaches_the_server_as_it_was_meant() -> None:
    plugin = {"CACHE_DIR": '/it\'s "odd" \\ é\n', "N": 1, "B": True, "F": 0.5}
    text = graph_of("text_generation", {**LLM, "plugin_config": plugin}, "2025.4.1")
    assert check_graph(text, "2025.4.1") == []
    made = complete("text_generation", {**LLM, "plugin_config": plugin}, "2025.4.1")
    assert json.loads(made["lines"][1]["value"]) == plugin


def test_nested_and_repeated_settings_are_written_in_place() -> None:
    adapters = [{"alias": "a", "path": "/a", "alpha": 0.5, "mode": "FUSE"}, {"alias": "b", "path": "/b"}]
    text = graph_of("image_generation", {**LLM, "lora_adapters": adapters}, "2026.2")
    assert check_graph(text, "2026.2") == []
    assert text.count("      lora_adapters {\n        alias: ") == 2
    assert "        mode: FUSE\n      }\n" in text
