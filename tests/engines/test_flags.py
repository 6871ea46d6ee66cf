"""What the tables cannot show: several arguments at once, hostile values, engines without a history."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mmcompose.engines.flags.argv import command_line
from mmcompose.engines.flags.check import check
from mmcompose.engines.flags.history import History
from mmcompose.engines.known.histories import load


def history(engine: str = "vllm") -> History:
    found = load(engine)
    assert found
    return found


def test_the_flags_of_the_ocr_profile_are_valid_from_the_first_release_that_has_them_all() -> None:
    args = {
        "max_num_seqs": 16,
        "max_num_batched_tokens": 8192,
        "kv_cache_dtype": "fp8",
        "kv_offloading_backend": "native",
        "kv_offloading_size": 62,
        "enable_prefix_caching": False,
        "mm_processor_cache_gb": 0,
    }
    for version in ("0.16.0", "0.24.0", "0.32.0", "0.33.0"):
        assert check(history(), version, args) == []
    line = [term for _, arguments in command_line(history(), "0.24.0", args) for term in arguments]
    assert " ".join(line) == (
        "--max-num-seqs 16 --max-num-batched-tokens 8192 --kv-cache-dtype fp8 --kv-offloading-backend native "
        "--kv-offloading-size 62 --no-enable-prefix-caching --mm-processor-cache-gb 0"
    )


def test_all_faults_come_at_once_in_the_order_of_the_arguments() -> None:
    args = {"disable_log_requests": True, "limit_mm_per_prompt": "image=1", "max_num_batch_tokens": 1}
    assert [fault.rule for fault in check(history(), "0.17.0", args)] == ["flag-removed", "flag-json", "flag-unknown"]


def test_a_flag_that_mmcompose_writes_itself_is_refused_also_under_another_name() -> None:
    faults = check(history("sglang"), "0.5.23", {"tensor_parallel_size": 2, "port": 1}, {"tp_size", "port"})
    assert [(fault.path, fault.rule) for fault in faults] == [
        (("tensor_parallel_size",), "flag-duplicate"),
        (("port",), "flag-duplicate"),
    ]


def test_one_flag_under_two_names_is_refused() -> None:
    faults = check(history("sglang"), "0.5.23", {"tp_size": 2, "tensor_parallel_size": 4})
    assert [(fault.path, fault.message) for fault in faults] == [
        (("tensor_parallel_size",), "is the same flag as tp_size")
    ]


def test_a_switch_and_its_negative_form_together_are_refused() -> None:
    faults = check(history(), "0.33.0", {"enable_prefix_caching": True, "no_enable_prefix_caching": True})
    assert [fault.rule for fault in faults if fault.severity == "error"] == ["flag-duplicate"]


def test_faults_of_a_version_that_nobody_knows_are_warnings_and_one_says_why() -> None:
    for version in ("0.99.0", "nightly", "8337e4cd3861", "", None, "0.1.0"):
        faults = check(history(), version, {"max_num_seqz": "x", "max_num_seqs": "x"})
        assert [fault.severity for fault in faults] == ["warning"] * 3
        assert [fault.rule for fault in faults] == ["flag-version", "flag-unknown", "flag-type"]
    assert check(history(), "0.99.0", {}) == []


HOSTILE: list[Any] = [
    "a\0b",
    dt.date(2026, 1, 1),
    b"bytes",
    {1, 2},
    [[1]],
    {"a": {"b": dt.date(2026, 1, 1)}},
    [None],
    float("nan"),
    "x" * 100_000,
    "\n",
    "$(reboot)",
    "--max-num-seqs",
    {},
    [],
    -(10**400),
    "é" * 50,
    "\ud800",
]


@pytest.mark.parametrize("value", HOSTILE, ids=[str(i) for i in range(len(HOSTILE))])
@pytest.mark.parametrize(
    "name", ["max_num_seqs", "kv_cache_dtype", "compilation_config", "enforce_eager", "zq", "api_key"]
)
def test_no_value_is_answered_with_a_traceback(name: str, value: Any) -> None:
    for version in ("0.8.0", "0.33.0", "nightly"):
        check(history(), version, {name: value})
        command_line(history(), version, {name: value})


@pytest.mark.parametrize("name", ["", " ", "-", "--", "x" * 100_000, "é", "a.b.c", "no_", "\n", "__class__"])
def test_no_name_is_answered_with_a_traceback(name: str) -> None:
    faults = check(history(), "0.33.0", {name: 1})
    assert [fault.severity for fault in faults][-1:] == ["error"]


@pytest.mark.parametrize("key", [True, 1, None, 1.5])
def test_a_key_that_yaml_did_not_read_as_text_is_named(key: Any) -> None:
    assert [fault.rule for fault in check(history(), "0.33.0", {key: 1})] == ["flag-name"]


def test_deep_nesting_is_refused_before_it_is_walked_to_its_end() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = {"a": deep}
    faults = check(history(), "0.33.0", {"hf_overrides": deep})
    assert [fault.message for fault in faults] == ["is nested too deeply"]


def test_an_engine_without_a_history_takes_the_plain_rule() -> None:
    args = {
        "port": 8095,
        "log_level": "info",
        "warm": True,
        "cold": False,
        "device": None,
        "model": ["a", "b"],
        "m": {"a": 1},
    }
    assert check(None, "1.0", args) == []
    assert [" ".join(arguments) for _, arguments in command_line(None, None, args)] == [
        "--port 8095",
        "--log-level info",
        "--warm",
        "",
        "",
        "--model a --model b",
        '--m {"a":1}',
    ]


def test_the_order_of_the_profile_is_kept_and_numbers_stay_as_they_are_written() -> None:
    args = {"port": 8000, "gpu_memory_utilization": 1.0, "max_num_seqs": 8192, "seed": -1, "watermark": -0.5}
    line = command_line(history(), "0.33.0", args)
    assert [name for name, _ in line] == list(args)
    assert [arguments for _, arguments in line] == [
        ["--port", "8000"],
        ["--gpu-memory-utilization", "1.0"],
        ["--max-num-seqs", "8192"],
        ["--seed=-1"],
        ["--watermark=-0.5"],  # apart, vLLM's parser would take -0.5 for the key of another flag
    ]
