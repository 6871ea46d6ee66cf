"""Pieces of text in any order become the lines a person would read."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocr_service.reading_order import Piece, Point, lines_of, page_skew


def piece(text: str, x: float, y: float, width: float, height: float = 20, *, score: float = 1.0) -> Piece:
    return Piece(text, score, ((x, y), (x + width, y), (x + width, y + height), (x, y + height)))


def turned(piece: Piece, degrees: float) -> Piece:
    def turn(point: Point) -> Point:
        angle, (x, y) = math.radians(degrees), point
        return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)

    a, b, c, d = map(turn, piece.corners)
    return Piece(piece.text, piece.score, (a, b, c, d))


def read(pieces: list[Piece]) -> list[str]:
    return [line.text for line in lines_of(pieces)]


PAGES = {
    "nothing": ([], []),
    "one piece": ([piece("a", 5, 5, 50)], ["a"]),
    "only blanks": ([piece("  ", 5, 5, 50)], []),
    "one row, found from the right": ([piece("9.99", 400, 11, 60), piece("Milk", 10, 10, 80)], ["Milk 9.99"]),
    "two rows, close together": (
        [piece("a", 10, 10, 50), piece("b", 10, 28, 50), piece("1", 400, 12, 50), piece("2", 400, 30, 50)],
        ["a 1", "b 2"],
    ),
    "a big word beside two small rows": (
        [piece("SALE", 10, 10, 100, 50), piece("today", 150, 12, 60), piece("only", 150, 38, 60)],
        ["SALE today", "only"],
    ),
    "a big total with a small price on its baseline": (
        [piece("TOTAL", 10, 10, 150, 40), piece("9.99", 400, 28, 60, 20)],
        ["TOTAL 9.99"],
    ),
    "a row that ends where the next begins": ([piece("a", 10, 10, 50, 20), piece("b", 200, 30, 50, 20)], ["a", "b"]),
    "a half overlap goes to the nearer row": (
        [piece("a", 10, 10, 50), piece("b", 10, 34, 50), piece("1", 200, 18, 50)],
        ["a 1", "b"],
    ),
    "words that touch": ([piece("in", 10, 10, 30), piece("side", 39, 10, 60)], ["in side"]),
    "boxes without size": ([piece("a", 10, 10, 0, 0), piece("b", 50, 10, 0, 0)], ["a", "b"]),
    "line breaks within a piece": ([piece("a\n b\t", 10, 10, 50)], ["a b"]),
}


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_read_as_a_person_does(page: str) -> None:
    pieces, lines = PAGES[page]
    assert read(pieces) == lines


@given(
    degrees=st.floats(-1.5, 1.5),
    seed=st.integers(),
    rows=st.integers(1, 40),
    columns=st.integers(1, 3),
    height=st.integers(12, 40),
)
def test_a_skewed_page_keeps_its_rows(degrees: float, seed: int, rows: int, columns: int, height: int) -> None:
    """Rows lie 1.4 heights apart and are up to 1500 wide: at 1.5 degrees a row ends two rows lower than it began."""
    chance = random.Random(seed)
    jitter = height * 0.1
    pieces = [
        turned(
            piece(f"r{r}c{c}", 20 + 500 * c, 1.4 * height * r + chance.uniform(-jitter, jitter), 400, height), degrees
        )
        for r in range(rows)
        for c in range(columns)
    ]
    chance.shuffle(pieces)
    assert read(pieces) == [" ".join(f"r{r}c{c}" for c in range(columns)) for r in range(rows)]


coordinates = st.floats(-1e4, 1e4)
points = st.tuples(coordinates, coordinates)


@given(st.lists(st.builds(Piece, st.text(min_size=1), st.floats(0, 1), st.tuples(points, points, points, points))))
def test_any_boxes_at_all_lose_no_text(pieces: list[Piece]) -> None:
    put_in = "".join("".join(piece.text.split()) for piece in pieces)
    came_out = "".join("".join(line.split()) for line in read(pieces))
    assert sorted(came_out) == sorted(put_in)


def test_the_skew_is_that_of_most_of_the_text() -> None:
    straight = [turned(piece("line", 0, 40 * n, 300), 0.8) for n in range(5)]
    stamp = turned(piece("PAID", 0, 0, 200), 12)
    upright_mark = turned(piece("|", 0, 0, 5), 40)
    assert math.degrees(page_skew([*straight, stamp, upright_mark])) == pytest.approx(0.8)
    assert page_skew([turned(piece("sideways", 0, 0, 300), 90)]) == 0


def test_a_line_has_the_box_around_its_pieces_and_their_score_by_length() -> None:
    (line,) = lines_of([piece("abc", 10, 10, 50, score=1.0), piece("d", 100, 12, 20, score=0.6)])
    assert list(line.box) == [10, 10, 120, 32]
    assert line.score == pytest.approx(0.9)
