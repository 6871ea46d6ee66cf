"""Our rules judge as the reference implementations do, whose verdicts `recorder.py` has recorded."""

from __future__ import annotations

import pytest
from mmeval.ifeval.judging import Row
from mmeval.ifeval.rules import RULES
from mmeval.reasoning import without

from .verdicts import IN_THE_IMAGE, of_gsm8k, of_ifeval, recorded


def test_every_kind_of_instruction_is_recorded_followed_and_not_followed() -> None:
    assert recorded()["reference"].startswith("lm-eval ")
    data = recorded()["ifeval"]
    verdicts: dict[str, set[str]] = {}
    for (id_, _), found in zip(data["rows"], data["strict"], strict=True):
        verdicts.setdefault(id_, set()).update(found)
    assert verdicts == {id_: {"0", "1"} for id_ in RULES}
    assert len(RULES) == 25


def test_instructions_are_judged_as_the_reference_does() -> None:
    assert list(of_ifeval(IN_THE_IMAGE)) == []


def test_numbers_are_extracted_and_compared_as_the_reference_does() -> None:
    assert list(of_gsm8k()) == []


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>\nIs it 5?\n</think>\n\nIt is 4.", "It is 4."),
        ("Is it 5?\n</think>\nIt is 4.", "It is 4."),
        ("<think>Is it 5? Is it", ""),
        ("<think>a</think>one <think>b</think>two", "one two"),
    ],
)
def test_reasoning_is_left_out(text: str, answer: str) -> None:
    assert without(text) == (answer, True)


def test_an_answer_without_reasoning_stays_as_it_is() -> None:
    assert without("  It is 4.\n") == ("  It is 4.\n", False)


WRONG = [
    ({"instruction_id_list": ["startend:quotation"], "kwargs": [{}]}, "prompt"),
    ({"prompt": "p", "instruction_id_list": ["a:b"], "kwargs": [{}]}, "'a:b' is no kind of instruction"),
    ({"prompt": "p", "instruction_id_list": ["startend:quotation"], "kwargs": []}, "1 instructions, and values for 0"),
    ({"prompt": "p", "instruction_id_list": ["keywords:existence"], "kwargs": [{}]}, "its values cannot be used"),
    ({"prompt": "p", "instruction_id_list": ["keywords:existence"], "kwargs": [{"keywords": ["("]}]}, "cannot be used"),
    ({"prompt": "p", "instruction_id_list": [], "kwargs": []}, "expected a prompt"),
]


@pytest.mark.parametrize(("data", "message"), WRONG)
def test_a_row_that_cannot_be_judged_is_refused(data: object, message: str) -> None:
    with pytest.raises((ValueError, KeyError), match=message):
        Row.read(data, 1)
