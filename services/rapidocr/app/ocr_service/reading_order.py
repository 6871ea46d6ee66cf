"""Sorts pieces of text on a page into lines as a person reads them: rows from the top, each from the left.

One column is assumed. Pages may be skewed by a few degrees: positions are compared after turning them back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]

SAME_ROW = 0.5  # of the lower piece's height must be shared with the neighbour
SIDE_BY_SIDE = 0.3  # pieces that share more of their width than this lie under each other, not in one row
MOST_SKEW = math.radians(15)  # beyond this the page is turned, not skewed
CLEARLY_WIDE = 2.0  # times its height, for a piece's slope to say anything about the page


@dataclass(frozen=True)
class Piece:
    """One found text: four corners, clockwise from its top left."""

    text: str
    score: float
    corners: tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class Line:
    """One line of the page: its pieces' texts, their mean score by length, and the upright box around them."""

    text: str
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class _Span:
    """A piece's upright extent on the page once its skew is taken out."""

    piece: Piece
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def lines_of(pieces: list[Piece]) -> list[Line]:
    skew = page_skew(pieces)
    spans = sorted((_straightened(p, skew) for p in pieces if p.text.strip()), key=lambda s: (s.middle, s.left))
    rows: list[list[_Span]] = []
    for span in spans:
        closest = max(rows, key=lambda row: _kinship(row, span), default=None)
        if closest is not None and _kinship(closest, span) >= SAME_ROW:
            closest.append(span)
        else:
            rows.append([span])
    rows.sort(key=lambda row: sum(s.middle for s in row) / len(row))
    return [_line(sorted(row, key=lambda s: s.left)) for row in rows]


def page_skew(pieces: list[Piece]) -> float:
    """The angle by which the page is turned: the median slope of its wide pieces, weighed by their width."""
    slopes = []
    for piece in pieces:
        (x0, y0), (x1, y1), _, (x3, y3) = piece.corners
        width, height = math.hypot(x1 - x0, y1 - y0), math.hypot(x3 - x0, y3 - y0)
        angle = math.atan2(y1 - y0, x1 - x0)
        if width >= CLEARLY_WIDE * height and abs(angle) <= MOST_SKEW:
            slopes.append((angle, width))
    slopes.sort()
    half = sum(width for _, width in slopes) / 2
    passed = 0.0
    for angle, width in slopes:
        passed += width
        if passed >= half:
            return angle
    return 0.0


def _straightened(piece: Piece, skew: float) -> _Span:
    """Width from the corners; height from the edges' middles, which a long piece's own slope does not stretch."""
    turned = [_turned(point, -skew) for point in piece.corners]
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = turned
    top, bottom = sorted(((y0 + y1) / 2, (y2 + y3) / 2))
    return _Span(piece, min(x0, x1, x2, x3), max(x0, x1, x2, x3), top, bottom)


def _turned(point: Point, angle: float) -> Point:
    x, y = point
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def _kinship(row: list[_Span], span: _Span) -> float:
    """The share of height in common with the nearest neighbour in the row; none if one lies under the other."""
    if any(_shared(s.left, s.right, span.left, span.right) > SIDE_BY_SIDE for s in row):
        return 0.0
    nearest = min(row, key=lambda s: max(s.left - span.right, span.left - s.right))
    return _shared(nearest.top, nearest.bottom, span.top, span.bottom)


def _shared(a0: float, a1: float, b0: float, b1: float) -> float:
    """The common part of two intervals, as a share of the shorter one."""
    shorter = min(a1 - a0, b1 - b0)
    return max(0.0, min(a1, b1) - max(a0, b0)) / shorter if shorter > 0 else 0.0


def _line(row: list[_Span]) -> Line:
    points = [point for span in row for point in span.piece.corners]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    letters = sum(len(span.piece.text) for span in row)
    return Line(
        text=" ".join(" ".join(span.piece.text.split()) for span in row),
        score=sum(span.piece.score * len(span.piece.text) for span in row) / letters,
        box=(min(xs), min(ys), max(xs), max(ys)),
    )
