"""Each engine.yaml says only what is read, in a form that its readers take."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from mmcompose.engines.known.benchmarks import CONTEXT, contained
from mmcompose.engines.known.engine import EngineFacts, all_known, known, known_image, read
from mmcompose.engines.known.histories import load
from mmcompose.model.paths import EVALS


@pytest.mark.parametrize("engine", all_known(), ids=lambda engine: engine.name)
def test_an_engine_with_flags_has_the_command_that_prints_them(engine: EngineFacts) -> None:
    assert (load(engine.name) is not None) is bool(engine.help)
    if engine.source:
        assert callable(import_module(f"mmcompose.engines.learn.{engine.name}").learn)


@pytest.mark.parametrize("engine", all_known(), ids=lambda engine: engine.name)
def test_the_cuda_of_an_image_goes_by_releases_in_their_order(engine: EngineFacts) -> None:
    for image in engine.images:
        releases = [tuple(map(int, re.findall(r"\d+", release))) for release in image.cuda]
        assert releases == sorted(releases)
        assert all(releases), "each key is a number"


def test_an_engine_that_writes_the_log_of_another_shows_its_figures() -> None:
    assert known("ik_llama").figures == known("llamacpp").figures != {}
    assert known("ik_llama").silent_because == known("llamacpp").silent_because != ""


def test_of_an_engine_without_a_folder_nothing_is_known() -> None:
    assert known("../vllm") == EngineFacts("../vllm")
    assert known("a" * 9999).images == known("\0").images == ()
    assert known_image("me/own:1") is None


def test_a_key_that_nothing_reads_is_refused() -> None:
    with pytest.raises(TypeError, match="one_proces"):
        read("tei", {"one_proces": True})


def test_the_image_of_every_benchmark_has_a_build_folder() -> None:
    assert {kind.context for kind in contained().values() if kind.ours} == {CONTEXT, EVALS}
