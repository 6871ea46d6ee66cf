"""One answer to "what did they mean", for flags, keys, profiles and commands alike."""

from __future__ import annotations

import pytest

from mmcompose.engines.nearest import did_you_mean


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("modle", ["model", "runtime"], "did you mean model?"),
        ("multi-model", ["multi_model", "multi"], "did you mean multi_model?"),
        ("openai_chat", ["openai-chat", "openai"], "did you mean openai-chat?"),
        ("vlm_cb", ["VLM_CB", "LM_CB"], "did you mean VLM_CB?"),
        ("triton_atn", ["TRITON_ATTN", "FLASH_ATTN"], "did you mean TRITON_ATTN?"),
        ("zzz", ["model", "runtime"], ""),
        ("model", [], ""),
        ("x" * 5000, ["x" * 4999], ""),
    ],
)
def test_the_near_name(word: str, known: list[str], said: str) -> None:
    assert did_you_mean(word, known) == said


def test_of_a_long_list_two_names_that_are_equally_close() -> None:
    known = ["props", "cache_prompt", "port"]
    assert did_you_mean("prompt", known) == "did you mean props?"
    assert did_you_mean("prompt", known, most=2) == "did you mean props or cache_prompt?"
    assert did_you_mean("cache_promt", known, most=2) == "did you mean cache_prompt?"
