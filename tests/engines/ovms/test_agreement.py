"""On a thousand graphs broken at random, our reader and the real parser agree whether the server could read them."""

from __future__ import annotations

import random
import re

from mmcompose.engines.ovms.catalogue import find_release
from mmcompose.engines.ovms.config.config import check_config
from mmcompose.engines.ovms.graph.descriptors import parse_problem
from mmcompose.engines.ovms.graph.graph import check_graph
from mmcompose.engines.ovms.releases import Release
from tests.engines.ovms.making import CORRECTED

PARTS = re.findall(r"\"[^\"\n]*\"|'[^'\n]*'|\w+|[^\w\s]|\s+", CORRECTED)
ODD = [*"{}<>:[]\"'#\\é\n\x00", "1", "-1", "0x", "08", "1e3", "true", '"x"', "cache_size", "block_size: 1", "[a/b.c]"]
FORM = {"ovms-text", "ovms-unknown-field", "ovms-unknown-message", "ovms-type", "ovms-enum", "ovms-duplicate"}


def broken(chance: random.Random) -> str:
    parts = list(PARTS)
    for _ in range(chance.choice([1, 1, 2, 3])):
        place = chance.randrange(len(parts))
        match chance.randrange(4):
            case 0:
                del parts[place]
            case 1:
                parts.insert(place, chance.choice(ODD))
            case 2:
                parts[place] = chance.choice(ODD)
            case _:
                other = chance.randrange(len(parts))
                parts[place], parts[other] = parts[other], parts[place]
    return "".join(parts)


def test_a_thousand_broken_graphs() -> None:
    release = find_release("2025.4.1")
    assert isinstance(release, Release)
    chance = random.Random(20251)
    refused = 0
    for _ in range(1000):
        text = broken(chance)
        faults = check_graph(text, "2025.4.1")
        ours = [fault for fault in faults if fault.rule in FORM or fault.message.endswith("is required")]
        theirs = parse_problem(text, release)
        # newer text parsers let more into a type url than the server's
        strict = any("type url" in fault.message or "a type name" in fault.message for fault in ours)
        assert strict or bool(ours) == (theirs is not None), (text, theirs, ours)
        assert not [fault for fault in faults if "text parser refuses" in fault.message], text
        refused += bool(ours)
    assert 300 < refused < 990


def test_no_text_makes_the_config_check_fall_over() -> None:
    chance = random.Random(7)
    for _ in range(300):
        assert check_config(broken(chance).replace("node", '{"a":'), "2025.4.1")
