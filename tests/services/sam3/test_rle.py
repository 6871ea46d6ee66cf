"""Run lengths are those of COCO: the strings below were written by pycocotools 2.0.11."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sam3_service import rle

DISC = np.add.outer((np.arange(12) - 5.0) ** 2, (np.arange(17) - 8.0) ** 2) < 20
CHECKS = np.indices((4, 5)).sum(0) % 2 == 0
BLOCKS = np.kron(np.indices((3, 3)).sum(0) % 2 == 1, np.ones((50, 40), bool))
BY_PYCOCOTOOLS = {
    "a disc": (DISC, "d1374N0O2O0001N102L^1"),
    "everything": (np.ones((3, 2), bool), "06"),
    "nothing": (np.zeros((3, 2), bool), "6"),
    "single pixels": (CHECKS, "011010O10O10O10O0"),
    "large blocks": (
        BLOCKS,
        "b1b1T300000000000000000000000000000000000000000000000000000000000000000000000000000^N00b100000000000000000000000000000000000000000000000000000000000000000000000000000^N00b100000000000000000000000000000000000000000000000000000000000000000000000000000^N",
    ),
}


@pytest.mark.parametrize("name", BY_PYCOCOTOOLS)
def test_the_compressed_form_is_that_of_coco(name: str) -> None:
    mask, counts = BY_PYCOCOTOOLS[name]
    assert rle.encode(mask, compressed=True) == {"size": list(mask.shape), "counts": counts}


def test_columns_come_first_and_zeros_come_first() -> None:
    mask = np.array([[1, 0], [1, 1]], dtype=bool)
    assert rle.encode(mask, compressed=False) == {"size": [2, 2], "counts": [0, 2, 1, 1]}


BROKEN: dict[str, rle.Rle] = {
    "too few": {"size": [2, 2], "counts": [3]},
    "too many": {"size": [2, 2], "counts": [3, 2]},
    "negative": {"size": [2, 2], "counts": [5, -1]},
    "a strange character": {"size": [2, 2], "counts": "4 "},
    "cut": {"size": [2, 2], "counts": "P"},
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_run_lengths_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="run lengths"):
        rle.decode(BROKEN[name])


@pytest.mark.parametrize("compressed", [True, False])
@given(mask=arrays.arrays(np.bool_, arrays.array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_every_mask_comes_back(compressed: bool, mask: np.ndarray) -> None:
    assert np.array_equal(rle.decode(rle.encode(mask, compressed=compressed)), mask)


@given(st.lists(st.integers(0, 2**40), max_size=30))
def test_any_counts_survive_the_squeezing(counts: list[int]) -> None:
    text = rle.squeezed(counts)
    assert rle.expanded(text) == counts
    assert text.isascii()
    assert text.isprintable()
