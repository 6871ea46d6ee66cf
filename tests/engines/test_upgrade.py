"""What another version means for the arguments of a profile, and what differs between two versions."""

from __future__ import annotations

import itertools
from typing import Any

from mmcompose.engines.flags.changes import Edit, diff, upgrade
from mmcompose.engines.flags.history import History
from mmcompose.engines.known.histories import load


def history(engine: str = "vllm") -> History:
    found = load(engine)
    assert found
    return found


def reported(args: dict[str, Any], old: str, new: str, engine: str = "vllm") -> list[tuple[str, str, str]]:
    changes = upgrade(history(engine), old, new, args)
    return [(change.kind, ".".join(map(str, change.path)), change.message) for change in changes]


def edits(args: dict[str, Any], old: str, new: str, engine: str = "vllm") -> list[Edit]:
    return [change.edit for change in upgrade(history(engine), old, new, args) if change.edit]


def test_a_flag_that_is_gone_breaks_and_can_be_dropped() -> None:
    args = {"disable_log_requests": True, "max_num_seqs": 16}
    assert reported(args, "0.16.0", "0.17.0")[0] == ("breaks", "disable_log_requests", "was removed in vLLM 0.17.0")
    assert edits(args, "0.16.0", "0.17.0") == [Edit("disable_log_requests")]


def test_a_renamed_flag_takes_its_value_along() -> None:
    args = {"cuda_graph_max_bs": 8}
    assert reported(args, "0.5.10", "0.5.23", "sglang")[0][:2] == ("renamed", "cuda_graph_max_bs")
    assert edits(args, "0.5.10", "0.5.23", "sglang") == [Edit("cuda_graph_max_bs", ("cuda_graph_max_bs_decode",), 8)]


def test_a_flag_that_became_a_value_or_a_key_of_another() -> None:
    assert edits({"mlock": True}, "b4579", "b11312", "llamacpp") == [Edit("mlock", ("load_mode",), "mlock")]
    assert edits({"mlock": False}, "b4579", "b11312", "llamacpp") == [Edit("mlock")]
    assert edits({"rope_theta": 10000.0}, "0.11.0", "0.12.0") == [
        Edit("rope_theta", ("hf_overrides", "rope_theta"), 10000.0)
    ]


def test_nothing_is_written_that_the_new_version_lacks() -> None:
    assert edits({"mlock": True}, "b4447", "b4579", "llamacpp") == []


def test_a_value_that_the_new_version_refuses_breaks_at_its_place() -> None:
    assert reported({"limit_mm_per_prompt": "image=1"}, "0.9.2", "0.10.0")[0][:2] == ("breaks", "limit_mm_per_prompt")
    assert reported({"compilation_config": {"level": 3}}, "0.11.0", "0.33.0")[0][:2] == (
        "breaks",
        "compilation_config.level",
    )


def test_a_default_that_changed_is_reported_only_where_the_profile_does_not_set_it() -> None:
    change = ("default", "gpu_memory_utilization", "default 0.9 became 0.92")
    assert change in reported({}, "0.19.1", "0.20.0")
    assert change not in reported({"gpu_memory_utilization": 0.9}, "0.19.1", "0.20.0")


def test_what_was_wrong_before_is_reported_as_such() -> None:
    changes = upgrade(history(), "0.32.0", "0.33.0", {"max_num_seqz": 1})
    assert [(change.kind, change.hint) for change in changes if change.path == ("max_num_seqz",)] == [
        ("breaks", "did you mean max_num_seqs?; the present release has the same fault")
    ]


def test_a_version_that_nobody_knows_is_reported_first_and_nothing_is_certain() -> None:
    changes = upgrade(history(), "0.32.0", "0.99.0", {"disable_log_requests": True, "zq": 1})
    assert changes[0].kind == "unsure"
    assert "breaks" not in {change.kind for change in changes}


def test_nothing_changes_between_a_version_and_itself() -> None:
    assert upgrade(history(), "0.24.0", "0.24.0", {"max_num_seqs": 16}) == []
    assert diff(history(), "0.24.0", "0.24.0") == []


def test_the_differences_of_two_versions() -> None:
    found = {(change.kind, str(change.path[0])): change for change in diff(history(), "0.16.0", "0.33.0")}
    assert found["removed", "swap_space"].hint.startswith("CPU swap of V0 is gone")
    assert found["added", "language_model_only"].message == "is new in 0.33.0"
    assert found["default", "gpu_memory_utilization"].message == "default 0.9 became 0.92"
    assert found["choices", "kv_cache_dtype"].message.startswith("takes also")
    assert ("removed", "disable_log_requests") not in found  # since 0.33.0 it is a spelling of enable_log_requests
    assert found["renamed", "disable_log_requests"].message == "is now another spelling of enable_log_requests"


def test_every_pair_of_neighbouring_versions_can_be_compared() -> None:
    for engine in ("vllm", "sglang", "llamacpp", "trtllm", "ovms"):
        versions = history(engine).versions
        for old, new in itertools.pairwise(versions):
            for change in diff(history(engine), old, new):
                assert change.message
                assert change.path
