"""The house stands as it was drawn: imports go one way, the middle is pure, and what is slow is imported late."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.architecture.house import (
    HEAVY,
    LATE,
    MOST,
    PACKAGE,
    ROOT,
    STAGES,
    against_the_stages,
    circles,
    eager,
    graph,
    impure,
    module_name,
    through_walls,
    wrong_way,
)
from tests.architecture.naming import empty_names, names_for_speech, riddles, shared_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 300
SOURCES = [
    path
    for folder in ("mmcompose", "tests", "tools", "benchmarks", "templates")
    for path in (ROOT / folder).rglob("*.py")
]
KEPT_AS_THEY_ARE = (ROOT / "tests/upgrade/projects", ROOT / "tests/standin/image")
"""A project of an earlier release, and the content of an image whose every byte makes another image."""
NAMED_HERE = [
    path
    for folder in ("benchmarks", "services", "tools", "tests")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not any(path.is_relative_to(kept) for kept in KEPT_AS_THEY_ARE)
]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file() and path.suffix != ".pyc")


@pytest.mark.parametrize("rule", [wrong_way, through_walls, impure, eager, empty_names, names_for_speech, riddles])
def test_no_module_breaks_a_rule_of_the_house(rule: Callable[[str, str], Iterator[str]]) -> None:
    offences = [
        f"{path.relative_to(ROOT)}: {offence}"
        for path in MODULES
        for offence in rule(module_name(path), path.read_text(encoding="utf-8"))
    ]
    assert offences == []


def test_no_name_for_speech_stands_beside_the_package_either() -> None:
    offences = [
        f"{path.relative_to(ROOT)}: {offence}"
        for path in NAMED_HERE
        for offence in names_for_speech(module_name(path), path.read_text(encoding="utf-8"))
    ]
    assert offences == []


def test_each_class_has_a_name_of_its_own() -> None:
    assert shared_names({module_name(path): path.read_text(encoding="utf-8") for path in MODULES}) == {}


def test_a_class_name_that_two_modules_use_is_found() -> None:
    assert shared_names({"a": "class Row: pass", "b": "class Row: pass\nclass Line: pass"}) == {"Row": ["a", "b"]}


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("mmcompose.core.read.load", "from mmcompose.files import find", "core must not import files"),
        ("mmcompose.core.read.load", "from mmcompose import files", "core must not import files"),
        (
            "mmcompose.engines.flags.check",
            "def f():\n    import mmcompose.core.read.load",
            "engines must not import core",
        ),
        ("mmcompose.model", "from mmcompose.engines import flags", "model must not import engines"),
        ("mmcompose", "from mmcompose.cli import main", "mmcompose must not import cli"),
        ("mmcompose.cli.main", "from .render import render", "relative import"),
    ],
)
def test_an_import_that_points_back_is_seen(module: str, source: str, complaint: str) -> None:
    assert complaint in " ".join(wrong_way(module, source))


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("mmcompose.core.read.load", "import click", "click may only be used in mmcompose.cli"),
        (
            "mmcompose.deploy.status",
            "def f():\n    import python_on_whales",
            "may only be used in mmcompose.deploy.docker.engine",
        ),
        (
            "mmcompose.deploy.status",
            "import importlib\nimportlib.import_module('pynvml')",
            "pynvml may only be used in",
        ),
        ("mmcompose.cli.main", "import rich", "rich is not a runtime dependency"),
    ],
)
def test_a_library_outside_its_room_is_seen(module: str, source: str, complaint: str) -> None:
    assert complaint in " ".join(through_walls(module, source))


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "from os import environ",
        "import os.path",
        "from pathlib import Path",
        "import pathlib",
        "import urllib.request",
        "def f(path):\n    return open(path)",
        "def f():\n    import datetime\n    return datetime.date.today()",
        "def f():\n    from jinja2 import FileSystemLoader\n    return FileSystemLoader('.')",
    ],
)
def test_a_way_out_of_the_pure_middle_is_seen(source: str) -> None:
    assert list(impure("mmcompose.core.read.load", source))
    assert not list(impure("mmcompose.files.gather", source))


@pytest.mark.parametrize("source", ["from pathlib import PurePosixPath", "from urllib.parse import quote", "import re"])
def test_what_only_calculates_is_not_called_impure(source: str) -> None:
    assert not list(impure("mmcompose.core.read.load", source))


def test_only_imports_that_run_at_once_count_as_eager() -> None:
    assert list(eager("m", "import jinja2"))
    assert list(eager("m", "from mmcompose.core.render.renderer import Renderer"))
    assert list(eager("m", "from mmcompose.core.render import renderer"))
    assert not list(eager("mmcompose.core.render.renderer", "import jinja2"))
    assert list(eager("m", "try:\n    import tabulate\nexcept ImportError:\n    pass"))
    assert not list(eager("m", "def f():\n    import jinja2"))
    assert not list(eager("m", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import jinja2"))


@pytest.mark.parametrize(
    "source",
    [
        "said = 1",
        "def told_of(name): ...",
        "def f(words): ...",
        "class Words: ...",
        "class LastWord: ...",
        "f(asked=1)",
        "unit._said_elsewhere",
        "NAME_IN_WORDS = 1",
        "from mmcompose.core.read.typed import told_of",
        "import mmcompose.core.listed_words",
        "import re as heard",
        "match x:\n    case {**asked}: ...",
        "match x:\n    case Flag(words=found): ...",
        "match x:\n    case [*words]: ...",
    ],
)
def test_a_name_for_speech_is_seen(source: str) -> None:
    assert list(names_for_speech("mmcompose.core.read.load", source))
    assert list(names_for_speech("mmcompose.cli.main", source))


@pytest.mark.parametrize("source", ['"""What lies there."""', 'def look() -> None:\n    """Whoever looks."""'])
def test_a_docstring_that_begins_with_a_pronoun_is_seen(source: str) -> None:
    assert list(riddles("mmcompose.core.read.load", source))


def test_a_file_named_for_speech_is_seen() -> None:
    assert list(names_for_speech("mmcompose.engines.learn.listed_words", ""))


@pytest.mark.parametrize("source", ["password = 1", "import keyword", "class Wording: ...", "x = 'said'"])
def test_a_name_that_only_contains_such_letters_is_left_alone(source: str) -> None:
    assert not list(names_for_speech("mmcompose.core.read.load", source))


def test_a_name_that_others_read_may_stay_in_its_file_alone() -> None:
    assert not list(names_for_speech("mmcompose.engines.flags.history", "words = ()"))
    assert list(names_for_speech("mmcompose.engines.flags.check", "words = ()"))
    assert list(names_for_speech("mmcompose.engines.flags.history", "told = ()"))


@pytest.fixture(scope="module")
def arrows() -> dict[str, set[str]]:
    return graph({module_name(path): path.read_text(encoding="utf-8") for path in MODULES})


def test_no_two_files_depend_on_each_other(arrows: dict[str, set[str]]) -> None:
    assert circles(arrows) == []


def test_the_stages_of_each_room_follow_one_another(arrows: dict[str, set[str]]) -> None:
    assert list(against_the_stages(arrows)) == []


def test_every_folder_is_a_stage_or_a_room() -> None:
    folders = {module_name(path).removeprefix("mmcompose.") for path in MODULES if path.name == "__init__.py"}
    alone = {"mmcompose", "bench", "cli", "core", "deploy", "engines", "files", "model"}
    assert folders - alone == {f"{place}.{stage}" for place, stages in STAGES.items() for stage in stages}


def test_no_folder_has_more_files_than_a_reader_can_survey() -> None:
    sizes = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {str(folder.relative_to(ROOT)): size for folder, size in sizes.items() if size > MOST} == {}


@pytest.mark.parametrize(
    ("arrows", "complaint"),
    [
        ({"core.read.load": "core.resolve.fold"}, "read comes before resolve"),
        ({"core.read.load": "core.pipeline", "core.pipeline": "core.edit.in_place"}, "stands above read"),
        (
            {"core.check.rules.access": "core.check.checks", "core.check.checks": "core.check.rules.access"},
            "above rules",
        ),
    ],
)
def test_an_import_of_a_later_stage_is_seen(arrows: dict[str, str], complaint: str) -> None:
    full = {f"mmcompose.{one}": {f"mmcompose.{other}"} for one, other in arrows.items()}
    assert complaint in " ".join(against_the_stages(full))


def test_a_circle_is_seen_also_where_only_types_close_it() -> None:
    sources = {
        "mmcompose.a": "from mmcompose.b import x",
        "mmcompose.b": "if TYPE_CHECKING:\n    from mmcompose import a",
    }
    assert circles(graph(sources)) == [{"mmcompose.a", "mmcompose.b"}]


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in SOURCES}
    assert {str(path.relative_to(ROOT)): lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_every_module_can_be_imported_without_the_slow_libraries() -> None:
    """One after the other: no circle of imports asks for another order."""
    names = [module_name(path) for path in MODULES if path.name != "__main__.py"]
    program = f"""
import importlib, sys
for name in {[name for name in names if name not in LATE]!r}:
    importlib.import_module(name)
    slow = {HEAVY!r} & {{loaded.partition(".")[0] for loaded in sys.modules}}
    assert not slow, f"importing {{name}} imports {{slow}}"
for name in {[name for name in names if name in LATE]!r}:
    importlib.import_module(name)
"""
    result = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_turns_the_escaping_off(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|\bMarkup\s*\(|\{%-?\s*autoescape\b", text)
