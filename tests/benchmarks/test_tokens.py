from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.tokens import Account


def account(*events: Any, keep_text: bool = True) -> Account:
    counted = Account(keep_text)
    for number, event in enumerate(events, 1):
        counted.add(event if isinstance(event, bytes) else json.dumps(event).encode(), 10 * number)
    return counted


def delta(finish: str | None = None, **content: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": content, "finish_reason": finish}]}


def test_a_role_only_first_event_is_no_token() -> None:
    counted = account(
        delta(role="assistant", content=""), delta(content="a"), delta(content="b", finish="stop"), b"[DONE]"
    )
    assert list(counted.stamps) == [20, 30]
    assert counted.first_output_ns == 20
    assert "".join(counted.text) == "ab"
    assert counted.done
    assert counted.ended


def test_reasoning_is_a_token_but_not_the_answer() -> None:
    counted = account(delta(reasoning_content="hm"), delta(reasoning="hm"), delta(content="4"))
    assert list(counted.stamps) == [10, 20, 30]
    assert counted.first_output_ns == 30
    assert counted.reasoning_events == 2
    assert "".join(counted.text) == "4"


def test_usage_counts_where_events_carry_several_tokens() -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 6}}
    counted = account(delta(content="a b c"), delta(content="d e f"), usage)
    assert counted.generated() == (6, "usage")
    assert counted.prompt_tokens() == 7


def test_without_usage_events_are_counted_and_marked_as_a_guess() -> None:
    counted = account(delta(content="a"), delta(content="b"))
    assert counted.generated() == (2, "chunks")
    assert counted.prompt_tokens() is None


def test_llamacpp_completion_tells_its_own_counts_and_timings() -> None:
    last = {"content": "", "stop": True, "stop_type": "limit", "tokens_predicted": 2, "tokens_evaluated": 9}
    counted = account(
        {"content": "a", "stop": False}, {"content": "b"}, last | {"timings": {"predicted_per_second": 5.0}}
    )
    assert counted.generated() == (2, "usage")
    assert counted.prompt_tokens() == 9
    assert counted.finish_reason == "length"
    assert counted.timings == {"predicted_per_second": 5.0}


def test_llamacpp_timings_count_when_there_is_no_usage() -> None:
    last = delta(finish="stop") | {"timings": {"prompt_n": 3, "predicted_n": 4}}
    counted = account(delta(content="abc"), last)
    assert counted.generated() == (4, "timings")
    assert counted.prompt_tokens() == 3


def test_details_of_usage_are_null_where_the_server_does_not_say() -> None:
    usage = {
        "completion_tokens": 9,
        "completion_tokens_details": {"reasoning_tokens": 5},
        "prompt_tokens_details": None,
    }
    counted = account({"choices": [], "usage": usage})
    assert counted.detail("completion_tokens_details", "reasoning_tokens") == 5
    assert counted.detail("prompt_tokens_details", "cached_tokens") is None


def test_text_completions_and_tool_calls_are_output() -> None:
    counted = account({"choices": [{"text": "a"}]}, delta(tool_calls=[{"function": {"arguments": "{}"}}]))
    assert list(counted.stamps) == [10, 20]


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
    counted = account(event)
    counted.generated()
    counted.prompt_tokens()
    counted.detail("prompt_tokens_details", "cached_tokens")
