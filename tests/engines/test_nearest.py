"""One answer to "what did they mean", for flags, keys, profiles and commands alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.flags.opposites import opposed


@pytest.mark.parametrize(
    ("term", "known", "printed"),
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
def test_the_near_name(term: str, known: list[str], printed: str) -> None:
    assert did_you_mean(term, known) == printed


def test_of_a_long_list_two_names_that_are_equally_close() -> None:
    known = ["props", "cache_prompt", "port"]
    assert did_you_mean("prompt", known) == "did you mean props?"
    assert did_you_mean("prompt", known, most=2) == "did you mean props or cache_prompt?"
    assert did_you_mean("cache_promt", known, most=2) == "did you mean cache_prompt?"


@pytest.mark.parametrize(
    ("term", "other"),
    [
        ("disable_dbo", "enable_dbo"),
        ("disble_dbo", "enable_dbo"),
        ("no_mmap", "mmap"),
        ("nommap", "mmap"),
        ("without-logs", "with_logs"),
        ("skip_warmup", "warmup"),
        ("min_tokens", "max_tokens"),
        ("max_tokens", "min_tokens"),
        ("minimum_size", "maximum_size"),
        ("first_layer", "last_layer"),
        ("start_time", "end_time"),
        ("prefill_backend", "decode_backend"),
        ("cache_type_k", "cache_type_v"),
        ("allow_origins", "deny_origins"),
        ("enabled", "disabled"),
        ("on", "off"),
        ("in_size", "out_size"),
        ("unlock", "lock"),
    ],
)
def test_no_hint_reverses_what_was_meant(term: str, other: str) -> None:
    assert opposed(term, other)
    assert opposed(other, term)
    assert did_you_mean(term, [other]) == ""


@pytest.mark.parametrize(
    ("term", "other"),
    [
        ("max_num_sqs", "max_num_seqs"),
        ("disable_log_request", "disable_log_requests"),
        ("enable_prefix_cachin", "enable_prefix_caching"),
        ("spec_draft_n_mix", "spec_draft_n_min"),
        ("no_warmupp", "no_warmup"),
        ("notes", "note"),
    ],
)
def test_a_mistyped_name_is_still_met_with_the_right_one(term: str, other: str) -> None:
    assert not opposed(term, other)
    assert did_you_mean(term, [other]) == f"did you mean {other}?"


@given(st.sampled_from([f"{a}_x_{b}" for a in ("enable", "disable", "min", "max", "no", "log") for b in "abk"]))
def test_a_name_is_never_the_opposite_of_itself(name: str) -> None:
    assert not opposed(name, name)
    assert did_you_mean(name, [name]) == f"did you mean {name}?"
