"""Strict loading: what a scalar means, where it stands, and a Problem instead of a traceback for everything else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmcompose.core.read.load import MAX_BYTES, MAX_DEPTH, MAX_NODES, load, load_text, read_scalar
from mmcompose.model import Origin

ALIAS = " (write the value itself, or quote text that begins with *: '*x')"
CLOSE = " (close what opens at 1:4 with ], and separate its items with commas)"
NO_TEXT = "a key must be a word, not a list or a mapping (write key: value, the key a word)"
QUOTE = " (quote the value for text, else remove the tag)"

TEXT = [
    *("on", "off", "yes", "no", "y", "n", "On", "YES", "tRue", "nULL", "none", "None"),
    *("22:30", "22:30:15", "1:1", "190:20:30.15"),
    *("0o17", "0x1F", "0b101", "1_000", "1_0.5", "0x", "+0x1"),
    *("2024-01-31", "2001-12-14t21:59:43.10-05:00", "12-31"),
    *(".inf", "-.inf", ".Inf", ".nan", ".NaN", "inf", "nan", "1e999"),
    *("=", "<", "-x", "+", ".", "..", "1.2.3", "v1.0", "1e", "e1", "1.e", "--1", "\u0661"),
]
NUMBERS = [
    ("0", 0),
    ("-0", 0),
    ("012", 12),
    ("+7", 7),
    ("-19", -19),
    ("1.10", 1.1),
    ("1.", 1.0),
    (".5", 0.5),
    ("-.5", -0.5),
    ("1e3", 1000.0),
    ("1E-2", 0.01),
    ("6.02e+23", 6.02e23),
    ("9" * 30, int("9" * 30)),
]
TEXTS = [
    *((term, True) for term in ("true", "True", "TRUE")),
    *((term, False) for term in ("false", "False", "FALSE")),
    *((term, None) for term in ("", "~", "null", "Null", "NULL")),
]


def loaded(text: str | bytes) -> list[str]:
    """What is wrong with a file, as a reader sees it."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return [str(problem) for problem in load("profile", "x.yaml", data)[1]]


def value_of(text: str) -> object:
    tree, faults = load_text("profile", "x.yaml", f"a: {text}\n")
    assert tree is not None
    assert not faults
    return tree.value["a"].value


@pytest.mark.parametrize("text", TEXT)
def test_a_text_that_yaml_1_2_core_does_not_know_stays_the_text_that_was_written(text: str) -> None:
    assert value_of(text) == text


@pytest.mark.parametrize(("text", "meaning"), [*NUMBERS, *TEXTS])
def test_numbers_truth_values_and_null_are_what_yaml_1_2_core_says(text: str, meaning: object) -> None:
    found = value_of(text)
    assert found == meaning
    assert type(found) is type(meaning)


@pytest.mark.parametrize("text", ["true", "null", "12", "1.5", "~", "on", ""])
def test_a_quoted_scalar_is_always_text(text: str) -> None:
    assert value_of(f'"{text}"') == text
    assert value_of(f"'{text}'") == text


def test_a_block_scalar_is_always_text() -> None:
    assert value_of("|\n  12\n") == "12\n"
    assert value_of(">-\n  true\n") == "true"


@given(st.text(max_size=20))
def test_every_plain_text_has_a_meaning(text: str) -> None:
    assert isinstance(read_scalar(text), (str, int, float, bool, type(None)))


def test_every_value_and_every_key_knows_its_line_and_column() -> None:
    tree, _ = load_text("profile", "profiles/ocr.yaml", "a: 1\nb:\n  - x\n  - {c: 2}\n")
    assert tree is not None
    item = tree.at(("b", 1, "c"))
    assert item is not None
    assert item.origin == Origin("profile", "profiles/ocr.yaml", 4, 9)
    assert item.key == Origin("profile", "profiles/ocr.yaml", 4, 6)
    assert str(tree.value["a"].origin) == "profiles/ocr.yaml:1:4"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2\n", "x.yaml:2:1: duplicate key 'a', first on line 1 (keep one of them)"),
        ("a: 1\n'a': 2\n", "x.yaml:2:1: duplicate key 'a', first on line 1 (keep one of them)"),
        ("a: 1\r\nb: 2\r\nb: 3\r\n", "x.yaml:3:1: duplicate key 'b', first on line 2 (keep one of them)"),
        ("a:\n\tb: 1\n", "x.yaml:2:1: a tab where spaces belong (YAML is indented with spaces)"),
        ("a:\n  b: 1\n \tc: 2\n", "x.yaml:3:2: a tab where spaces belong (YAML is indented with spaces)"),
        ("", "x.yaml:1:1: the file is empty (delete it, or write its keys)"),
        ("# only a remark\n", "x.yaml:1:1: the file is empty (delete it, or write its keys)"),
        ("\ufeff", "x.yaml:1:1: the file is empty (delete it, or write its keys)"),
        (
            "a: 1\n---\nb: 2\n",
            "x.yaml:2:1: a second document in one file (one file, one document: remove `---`)",
        ),
        ("a: b: c\n", "x.yaml:1:5: a second `:` on one line (quote text that contains `: `)"),
        (
            "a: @b\n",
            "x.yaml:1:4: found character that cannot start any token (quote text that begins with a special character)",
        ),
        ("a: *x\n", f"x.yaml:1:4: the alias *x has no anchor &x above it{ALIAS}"),
        ("a: [1, 2\n", f"x.yaml:2:1: expected ',' or ']'{CLOSE}"),
        ("a: 'b\n", "x.yaml:1:4: a quote that is never closed (close it, or quote the whole text)"),
        ("a: &a [*a]\n", "x.yaml:1:4: an alias that contains itself"),
        ("a: &a {b: *a}\n", "x.yaml:1:4: an alias that contains itself"),
        ("[a, b]: 1\n", f"x.yaml:1:1: {NO_TEXT}"),
        ("? {a: b}\n: 1\n", f"x.yaml:1:3: {NO_TEXT}"),
        (
            "a: &x {b: 1}\nc:\n  <<: *x\n",
            "x.yaml:3:3: merge keys are not part of YAML 1.2 (use `extends:`, or write the values out)",
        ),
        (
            "a: !env HOME\n",
            "x.yaml:1:4: the tag '!env' has no meaning here (quote the value for text, else remove the tag)",
        ),
        (
            "a: !!python/name:os x\n",
            "x.yaml:1:4: the tag 'tag:yaml.org,2002:python/name:os' has no meaning here" + QUOTE,
        ),
        (
            'a: "\\0"\n',
            "x.yaml:1:4: holds a character that no file can hold (remove the escape of a null or a surrogate)",
        ),
        ('a: "\\ud800"\n', "x.yaml:1:7: found invalid Unicode character escape code"),
        ("a: x\0y\n", "x.yaml:1:5: U+0000 is not allowed in YAML (remove it)"),
        ("a: b\nc: \x07\n", "x.yaml:2:4: U+0007 is not allowed in YAML (remove it)"),
        ("ä: 1\nö: \x1b[31m\n", "x.yaml:2:4: U+001B is not allowed in YAML (remove it)"),
        ("%YAML 3.0\n---\na: 1\n", "x.yaml:1:1: found incompatible YAML document"),
    ],
)
def test_a_fault_of_form_is_one_problem_with_its_place(text: str, problem: str) -> None:
    assert loaded(text) == [problem]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a: b\nc: \xe9\n", "x.yaml:2:4: is not UTF-8 text (save the file as UTF-8)"),
        ("a: b\n".encode("utf-16"), "x.yaml:1:1: is not UTF-8 text (save the file as UTF-8)"),
        ("a: \ud800\n".encode("utf-8", "surrogatepass"), "x.yaml:1:4: is not UTF-8 text (save the file as UTF-8)"),
        (b"a" * (MAX_BYTES + 1), "x.yaml:1:1: is larger than 1 MiB (keep a profile to a page of text)"),
        (b"a: 1\n" * (10 << 20), "x.yaml:1:1: is larger than 1 MiB (keep a profile to a page of text)"),
    ],
    ids=["latin-1", "utf-16", "surrogate", "a byte too many", "50 MB"],
)
def test_bytes_that_are_no_page_of_text_are_one_problem(data: bytes, problem: str) -> None:
    assert loaded(data) == [problem]


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfa: 1\n", b"a: 1\r\n", b"---\na: 1\n...\n", b"# c\n\na: 1", b"{a: 1}"])
def test_a_byte_order_mark_line_ends_of_windows_and_a_document_mark_are_no_faults(data: bytes) -> None:
    tree, faults = load("profile", "x.yaml", data)
    assert not faults
    assert tree is not None
    assert tree.plain() == {"a": 1}


def test_the_string_tag_says_what_quotes_say_and_is_allowed() -> None:
    assert value_of("!!str 12") == "12"


def test_aliases_that_multiply_are_stopped_and_reported_once() -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    bomb += "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 40))
    assert loaded(bomb) == [
        f"x.yaml:1:10: holds more than {MAX_NODES} values (write fewer aliases: each counts as all that it stands for)"
    ]


def test_aliases_that_nest_are_stopped_and_reported_once() -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 440))
    faults = loaded(chain)
    assert len(faults) == 1
    assert faults[0].endswith(f"nested deeper than {MAX_DEPTH} levels")


def test_an_alias_that_people_write_means_its_anchor() -> None:
    tree, faults = load_text("profile", "x.yaml", "a: &x {k: 1}\nb: *x\n")
    assert not faults
    assert tree is not None
    assert tree.plain() == {"a": {"k": 1}, "b": {"k": 1}}


def test_a_file_with_many_faults_tells_them_all() -> None:
    faults = loaded("a: 1\na: 2\nb: !x 3\nc: {d: 1, d: 2}\n")
    assert [fault.split(": ")[0] for fault in faults] == ["x.yaml:2:1", "x.yaml:3:4", "x.yaml:4:11"]


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.text(st.characters(codec="utf-8"), max_size=60).map(str.encode))
def test_no_bytes_at_all_raise(data: bytes) -> None:
    tree, faults = load("profile", "x.yaml", data)
    assert tree is not None or faults


@settings(max_examples=300)
@given(st.text("ab:-[]{}&*!|>'\"%@`#,? \t\n\r\\0<~é\x85\u2028", max_size=40))
def test_no_text_made_of_yaml_s_own_signs_raises(text: str) -> None:
    tree, faults = load_text("profile", "x.yaml", text)
    assert tree is not None or faults
    for fault in faults:
        assert fault.origin is not None
        assert fault.origin.line >= 1
        assert fault.origin.column >= 1
