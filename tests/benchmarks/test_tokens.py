from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.tokens import Account


def account(*events: Any, keep_text: bool = True) -> Account:
    told = Account(keep_text)
    for number, event in enumerate(events, 1):
        told.add(event if isinstance(event, bytes) else json.dumps(event).encode(), 10 * number)
    return told


def delta(finish: str | None = None, **content: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": content, "finish_reason": finish}]}


def test_a_role_only_first_event_is_no_token() -> None:
    told = account(
        delta(role="assistant", content=""), delta(content="a"), delta(content="b", finish="stop"), b"[DONE]"
    )
    assert list(told.stamps) == [20, 30]
    assert told.first_output_ns == 20
    assert "".join(told.text) == "ab"
    assert told.done
    assert told.ended


def test_reasoning_is_a_token_but_not_the_answer() -> None:
    told = account(delta(reasoning_content="hm"), delta(reasoning="hm"), delta(content="4"))
    assert list(told.stamps) == [10, 20, 30]
    assert told.first_output_ns == 30
    assert told.reasoning_events == 2
    assert "".join(told.text) == "4"


def test_usage_counts_where_events_carry_several_tokens() -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 6}}
    told = account(delta(content="a b c"), delta(content="d e f"), usage)
    assert told.generated() == (6, "usage")
    assert told.prompt_tokens() == 7


def test_without_usage_events_are_counted_and_said_to_be_a_guess() -> None:
    told = account(delta(content="a"), delta(content="b"))
    assert told.generated() == (2, "chunks")
    assert told.prompt_tokens() is None


def test_llamacpp_completion_tells_its_own_counts_and_timings() -> None:
    last = {"content": "", "stop": True, "stop_type": "limit", "tokens_predicted": 2, "tokens_evaluated": 9}
    told = account({"content": "a", "stop": False}, {"content": "b"}, last | {"timings": {"predicted_per_second": 5.0}})
    assert told.generated() == (2, "usage")
    assert told.prompt_tokens() == 9
    assert told.finish_reason == "length"
    assert told.timings == {"predicted_per_second": 5.0}


def test_llamacpp_timings_count_when_there_is_no_usage() -> None:
    last = delta(finish="stop") | {"timings": {"prompt_n": 3, "predicted_n": 4}}
    told = account(delta(content="abc"), last)
    assert told.generated() == (4, "timings")
    assert told.prompt_tokens() == 3


def test_details_of_usage_are_null_where_the_server_does_not_say() -> None:
    usage = {
        "completion_tokens": 9,
        "completion_tokens_details": {"reasoning_tokens": 5},
        "prompt_tokens_details": None,
    }
    told = account({"choices": [], "usage": usage})
    assert told.detail("completion_tokens_details", "reasoning_tokens") == 5
    assert told.detail("prompt_tokens_details", "cached_tokens") is None


def test_text_completions_and_tool_calls_are_output() -> None:
    told = account({"choices": [{"text": "a"}]}, delta(tool_calls=[{"function": {"arguments": "{}"}}]))
    assert list(told.stamps) == [10, 20]


def test_an_error_event_after_a_good_status_is_an_error() -> None:
    assert account({"error": {"message": "out of memory"}}).error == "out of memory"
    assert account({"error": "plain"}).error == "plain"


@pytest.mark.parametrize(
    "garbage", [b"{", b"[1]", b'"text"', b"null", b"7", b"\xff\xfe", b'{"choices": [[]]}', b"[" * 9999]
)
def test_garbage_is_kept_for_the_error_table(garbage: bytes) -> None:
    assert account(garbage).bad_event


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["choices", "delta", "content", "usage", "timings", "error", "text", "stop"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_whatever_breaks_the_account(event: Any) -> None:
    told = account(event)
    told.generated()
    told.prompt_tokens()
    told.detail("prompt_tokens_details", "cached_tokens")
