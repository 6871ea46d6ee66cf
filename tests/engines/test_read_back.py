"""A command line is read back into the arguments that wrote it."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from mmcompose.engines.flags.argv import command_line
from mmcompose.engines.flags.history import Flag, VersionFlags
from mmcompose.engines.flags.read_back import read_line
from mmcompose.engines.known import histories

PINNED = {
    "vllm": "v0.24.0",
    "sglang": "v0.5.15.post1",
    "llamacpp": "b9603",
    "ik_llama": None,
    "trtllm": "1.0.0",
    "ovms": "2025.4.1",
}


def sample(flag: Flag) -> Any:
    """A value that a flag takes."""
    if flag.kind == "switch":
        return bool(flag.negatives or flag.off) is False
    one: Any = {
        "int": 3,
        "float": 0.5,
        "truth": True,
        "json": {"a": 1},
        "json-or-str": {"a": 1},
        "pairs": {"image": 2},
    }.get(flag.kind, flag.choices[-1] if flag.choices else "text")
    if flag.many.isdigit():
        return [one] * int(flag.many)
    return [one, one] if flag.many in ("+", "*", "repeat") and not flag.kind.startswith("json") else one


@pytest.mark.parametrize("engine", PINNED)
def test_every_flag_of_a_release_is_read_back(engine: str) -> None:
    history = histories.load(engine)
    assert history is not None
    release = PINNED[engine]
    flags = VersionFlags(history, history.place(release).low)
    wrong = {}
    for name, flag in flags.items():
        if flag.stub:
            continue
        args = {name: sample(flag)}
        line = [part for _, parts in command_line(history, release, args) for part in parts]
        again = {one.name: one.value for one in read_line(history, release, line).arguments}
        if line and again != args:
            wrong[name] = (line, again)
    assert wrong == {}


def read(line: str, engine: str = "vllm", release: str | None = "v0.24.0") -> dict[str, Any]:
    made = read_line(histories.load(engine), release, shlex.split(line))
    return {one.name: one.value for one in made.arguments}


@pytest.mark.parametrize(
    ("line", "args"),
    [
        ("--max_num_seqs 16", {"max_num_seqs": 16}),
        ("--max-num-seqs=16", {"max_num_seqs": 16}),
        ("-tp=2", {"tensor_parallel_size": 2}),
        ("--no-enable-prefix-caching", {"enable_prefix_caching": False}),
        ("--speculative-config.method mtp --speculative-config.num_speculative_tokens 1",
         {"speculative_config": {"method": "mtp", "num_speculative_tokens": 1}}),
        ('--limit-mm-per-prompt \'{"image": 2}\'', {"limit_mm_per_prompt": {"image": 2}}),
        ("--disable-log-requests", {"disable_log_requests": True}),
        ("--served-model-name a b", {"served_model_name": ["a", "b"]}),
        ("--no-such-flag 3 --other", {"no_such_flag": 3, "other": True}),
    ],
)  # fmt: skip
def test_vllm_is_read_as_vllm_reads(line: str, args: dict[str, Any]) -> None:
    assert read(line) == args


def test_a_switch_that_takes_a_text_now_is_still_read_alone() -> None:
    assert read("--flash-attn --metrics", "llamacpp", "b9603") == {"flash_attn": True, "metrics": True}


def test_an_option_without_its_value_is_no_switch() -> None:
    made = read_line(histories.load("vllm"), "v0.24.0", ["--max-num-seqs"])
    assert made.arguments[0].lacks_value


def test_what_no_option_takes_is_positional() -> None:
    assert read_line(histories.load("vllm"), "v0.24.0", ["owner/name", "--seed", "-1"]).positional == [0]
    assert read("owner/name --seed -1") == {"seed": -1}
