"""Which profiles can be up together, and for each pair that cannot, why."""

from __future__ import annotations

import pytest

from mmcompose.core.hints import numbers
from mmcompose.core.place.coexist import coexistence
from tests.core.test_place import HOST, SETTINGS, TWIN
from tests.making import compilation, problems

BASE = "model: glm-ocr\nbackend: vllm\nresources: {memory: 8g}\n"
ALONE = "gpu: {count: 1, devices: [0]}\n"


def shared(vram: str) -> str:
    return f"gpu: {{count: 1, share: shared, vram: {vram}, devices: [0]}}\n"


def why_not(one: str, other: str) -> str | None:
    """Why `aa` and `bb` cannot be up together; None when they do not meet at all."""
    made = compilation(
        {
            "profiles/aa.yaml": BASE + one,
            "profiles/bb.yaml": BASE + other,
            "profiles/hosts/box.yaml": HOST,
            "profiles/hosts/twin.yaml": TWIN,
        },
        settings=SETTINGS,
    )
    assert not problems(made), problems(made)
    assert made.stack is not None
    pairs = coexistence(made.stack)
    return pairs[0].why_not if pairs else None


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("", "", ""),
        (ALONE, ALONE, "both claim GPU 0 alone"),
        (ALONE, shared("1g"), "aa claims GPU 0 alone"),
        (shared("1g"), ALONE, "bb claims GPU 0 alone"),
        (shared("4g"), shared("4g"), ""),
        (shared("5g"), shared("5g"), "together 10 GiB of GPU 0, of which 8.5 GiB may be reserved"),
        (ALONE, "gpu: {count: 1, devices: [2]}\n", ""),
        ("gpu: {count: 3}\n", ALONE, "both claim GPU 0 alone"),
        (
            ALONE + "ports: {api: 5000}\n",
            ALONE + "ports: {api: 5000}\n",
            "both claim GPU 0 alone; both publish port 5000",
        ),
    ],
)
def test_a_pair_is_kept_apart_by(one: str, other: str, reason: str) -> None:
    assert why_not(one, other) == reason


def test_cards_that_are_kept_apart_for_one_reason_are_reported_as_one() -> None:
    all_three = "gpu: {count: 3}\n"
    assert why_not(all_three, all_three) == "both claim GPU 0 to 2 alone"
    six = "gpu: {count: 3, share: shared, vram: 6g, devices: [0, 1, 2]}\n"
    assert why_not(six, six) == "together 12 GiB of each of GPU 0, 1, of which 8.5 GiB may be reserved"


@pytest.mark.parametrize(
    ("cards", "arguments"),
    [([], ""), ([3], "3"), ([0, 1], "0, 1"), ([0, 1, 2, 3, 6], "0 to 3, 6"), ([0, 2, 4], "0, 2, 4")],
)
def test_numbers_in_a_row_are_reported_by_their_ends(cards: list[int], arguments: str) -> None:
    assert numbers(cards) == arguments


def test_limits_of_memory_that_are_written_as_sizes_add_up() -> None:
    one, other = (f"services: {{{name}: {{resources: {{memory: 33g}}}}}}\n" for name in ("xx", "yy"))
    assert why_not(one, other) == "together 66 GiB of memory, box has 64g"
    assert why_not(one, other.replace("33g", "31g")) == ""


def test_a_part_of_the_host_s_memory_means_as_much_as_there_is_and_forbids_nothing() -> None:
    percent = "services: {xx: {resources: {memory: 85%}}}\n"
    assert why_not(percent, percent) == ""


def test_profiles_of_different_hosts_do_not_meet() -> None:
    assert why_not(ALONE, ALONE + "host: twin\n") is None
