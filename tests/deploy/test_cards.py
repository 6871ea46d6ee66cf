"""GPUs read from what tools print. The nvidia-smi samples are written after its documented CSV format, not recorded."""

from __future__ import annotations

import pytest

from mmcompose.deploy.machine.cards import DrmCard, Read, SeenCard, amd, in_bytes, intel, nvidia

ONE = "0, NVIDIA GeForce RTX 4070, GPU-11111111-2222-3333-4444-555555555555, 12282 MiB, 550.54.14, [N/A]\n"
SPLIT = "0, NVIDIA A100-SXM4-40GB, GPU-aaaa-1, 40960 MiB, 535.104.05, Enabled\n"
LISTING = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa-1)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)
  MIG 1g.5gb      Device  1: (UUID: MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bbbb-2)
"""
GIB = 1 << 30


def test_a_card_is_read_with_its_memory_uuid_and_driver() -> None:
    (card,) = nvidia(ONE).cards
    assert card == SeenCard(
        "nvidia", "NVIDIA GeForce RTX 4070", 12282 << 20, "GPU-11111111-2222-3333-4444-555555555555", "550.54.14"
    )


def test_a_driver_older_than_mig_answers_one_column_less() -> None:
    (card,) = nvidia("0, Tesla K80, GPU-1, 11441 MiB, 418.87\n").cards
    assert (card.name, card.vram, card.driver) == ("Tesla K80", 11441 << 20, "418.87")


@pytest.mark.parametrize(
    ("more", "compute", "desktop"),
    [
        ("Disabled, 8.9, Enabled", "8.9", True),
        ("[N/A], 12.0, Disabled", "12.0", False),
        ("Disabled, [N/A], [N/A]", None, False),
        ("Disabled, 9.0", "9.0", False),
    ],
)
def test_newer_drivers_tell_the_compute_capability_and_who_draws_a_screen(
    more: str, compute: str | None, desktop: bool
) -> None:
    (card,) = nvidia(f"0, Card, GPU-1, 100 MiB, 550.54, {more}\n").cards
    assert (card.compute, card.desktop) == (compute, desktop)


def test_several_cards_keep_the_order_of_their_indices() -> None:
    table = "".join(f"{i}, NVIDIA H100, GPU-{i}, 81559 MiB, 550.90.07, Disabled\n" for i in range(8))
    assert [card.index for card in nvidia(table).cards] == list(range(8))


def test_parts_of_a_split_card_are_the_cards() -> None:
    read = nvidia(SPLIT, LISTING)
    assert [(card.name, card.vram, card.uuid) for card in read.cards] == [
        ("NVIDIA A100-SXM4-40GB MIG 3g.20gb", 20 * 10**9, "MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f"),
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", 5 * 10**9, "MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb"),
    ]
    assert read.notes == ()


def test_a_split_card_without_parts_gives_no_card_and_says_so() -> None:
    read = nvidia(SPLIT, "GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa-1)\n")
    assert read.cards == ()
    assert "GPU 0 is in MIG mode and has no parts" in read.notes[0]


@pytest.mark.parametrize(
    ("line", "vram"),
    [("[N/A]", None), ("[Not Supported]", None), ("", None), ("24564 MiB", 24564 << 20), ("24564", 24564 << 20)],
)
def test_a_card_that_does_not_tell_its_memory_is_still_a_card(line: str, vram: int | None) -> None:
    (card,) = nvidia(f"0, NVIDIA GB10, GPU-1, {line}, 580.95.05, [N/A]").cards
    assert card.vram == vram


@pytest.mark.parametrize("uuid", ["MIG-GPU-aaaa/1/0", "", "GPU 1", "GPU-1} vram: 1t"])
def test_a_uuid_that_cannot_stand_in_a_host_file_is_left_out(uuid: str) -> None:
    (card,) = nvidia(f"0, Card, {uuid}, 100 MiB, 535.1, Disabled").cards
    assert card.uuid is None


@pytest.mark.parametrize(
    "garbage",
    [
        "No devices were found",
        "Failed to initialize NVML: Driver/library version mismatch",
        "<html>",
        "0, only, three",
        "x, a, b, 1 MiB, 5, N",
        "\x00\x1b[31m" * 40,
        "0, " * 4000,
        "٣, Card, GPU-1, 100 MiB, 535.1, Disabled, more",
    ],
)
def test_garbage_gives_no_card_and_one_short_printable_note(garbage: str) -> None:
    read = nvidia(garbage)
    assert read.cards == ()
    assert [len(note) < 140 and note.isprintable() for note in read.notes] == [True]


@pytest.mark.parametrize("nothing", ["", "\n\n", "   "])
def test_an_empty_answer_is_no_card_and_no_complaint(nothing: str) -> None:
    assert nvidia(nothing) == Read()


@pytest.mark.parametrize(
    ("text", "count"), [("12282 MiB", 12282 << 20), ("12 GiB", 12 * GIB), ("12 kB", None), ("-1 MiB", None)]
)
def test_sizes(text: str, count: int | None) -> None:
    assert in_bytes(text) == count


def test_amdgpu_tells_memory_and_sometimes_the_name() -> None:
    radeon, instinct = {"mem_info_vram_total": "25753026560\n"}, {"product_name": "Instinct MI300X\n"}
    read = amd([
        DrmCard("card1", "0x1002", "0x744c", "0000:03:00.0", "/dev/dri/renderD129", radeon),
        DrmCard("card0", "0x1002", "0x74a1", "0000:01:00.0", "/dev/dri/renderD128", instinct),
        DrmCard("card2", "0x8086", "0x56a0", "0000:09:00.0", "/dev/dri/renderD130"),
    ])  # fmt: skip
    assert [(card.name, card.vram, card.node) for card in read.cards] == [
        ("Instinct MI300X", None, "/dev/dri/renderD128"),
        ("AMD GPU 0x744c", 25753026560, "/dev/dri/renderD129"),
    ]


WINDOW = "0x0000006000000000 0x00000063ffffffff 0x000000000014220c\n0x00000000a0000000 0x00000000a0ffffff 0x00040200\n"


@pytest.mark.parametrize(
    ("address", "files", "vram", "integrated"),
    [
        ("0000:00:02.0", {}, None, True),
        ("0000:03:00.0", {"resource": WINDOW}, 16 * GIB, False),
        ("0000:03:00.0", {"lmem_total_bytes": "17070817280"}, 17070817280, False),
        ("0000:03:00.0", {"resource": "no\n\nnumbers 1"}, None, False),
    ],
    ids=["integrated", "window", "told", "garbage"],
)
def test_intel_cards(address: str, files: dict[str, str], vram: int | None, integrated: bool) -> None:
    (seen,) = intel([DrmCard("card0", "0x8086", "0x56a0", address, "/dev/dri/renderD128", files)]).cards
    assert (seen.vram, seen.integrated) == (vram, integrated)
    assert ("integrated" in seen.name) is integrated


def test_a_card_without_its_driver_is_named() -> None:
    assert amd([DrmCard("card0", "0x1002")]) == Read((), ("card0 has no render node: is its driver (amdgpu) loaded?",))
