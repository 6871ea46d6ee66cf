"""For every engine a table of arguments, right and wrong ones, over several versions: the words that are rendered, and
exactly what is said. Each block of `flags/<engine>.txt` is a version with its argument, the words, and the messages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from mmcompose.engines.flags.argv import command_line
from mmcompose.engines.flags.check import check
from mmcompose.engines.known.histories import load, names
from mmcompose.model import Fault

TABLES = sorted((Path(__file__).parent / "flags").glob("*.txt"))
CASES = [(table.stem, block) for table in TABLES for block in table.read_text().strip().split("\n\n")]
OF_THE_ENGINES = ("vllm", "vllm-bench-serve", "sglang", "llamacpp", "ik_llama", "trtllm", "ovms")


def sentence(fault: Fault) -> str:
    kind = "warning: " if fault.severity == "warning" else ""
    where = ".".join(map(str, fault.path))
    hint = f" ({fault.hint})" if fault.hint else ""
    return f"{kind}{where}: {fault.message}{hint}" if where else f"{kind}{fault.message}{hint}"


@pytest.mark.parametrize(("engine", "block"), CASES, ids=[f"{e}-{b.splitlines()[0]}" for e, b in CASES])
def test_an_argument_is_rendered_and_judged_as_the_version_takes_it(engine: str, block: str) -> None:
    first, arguments, *messages = block.splitlines()
    version, _, written = first.partition(" ")
    args = yaml.safe_load(written)
    history = load(engine)
    assert [sentence(fault) for fault in check(history, None if version == "-" else version, args)] == messages
    rendered = [term for _, part in command_line(history, version, args) for term in part]
    assert " ".join(["$", *rendered]) == arguments


@pytest.mark.parametrize("engine", OF_THE_ENGINES)
def test_every_engine_has_twenty_cases_with_good_and_bad_ones(engine: str) -> None:
    assert engine in names()
    blocks = [block for name, block in CASES if name == engine]
    bad = Counter(len(block.splitlines()) > 2 for block in blocks)
    assert len(blocks) >= 20
    assert bad[True] >= 8
    assert bad[False] >= 5
