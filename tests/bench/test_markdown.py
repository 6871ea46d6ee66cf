"""Foreign text in reports: no link, picture, cell or block of its own."""

from __future__ import annotations

import pytest

from mmcompose.bench.report.markdown import fenced, plain


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("<img src=x>", r"\<img src=x\>"),
        ("[a](b)", r"\[a\](b)"),
        ("a | b", r"a \| b"),
        ("`x` *y* _z_ &lt;", r"\`x\` \*y\* \_z\_ \&lt;"),
        ("two\nlines\n# more", "two lines # more"),
        ("12.5 tok/s at c=4: fine", "12.5 tok/s at c=4: fine"),
    ],
)
def test_no_sign_of_markdown_is_left(text: str, reported: str) -> None:
    assert plain(text) == reported


def test_a_block_of_code_cannot_be_ended_from_inside() -> None:
    assert fenced("run x") == ["```", "run x", "```"]
    assert fenced("a\n````\nb") == ["`````", "a\n````\nb", "`````"]
