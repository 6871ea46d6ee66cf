"""What lies beside the generated files and changes what they do is found, named, and may be allowed with a reason."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mmcompose.core.check.beside import KEPT_BY_COMPOSE, judge
from mmcompose.model import Allowed, Origin
from tests.disk import CHAT, mmcompose, program, project
from tests.making import SETTINGS

BUILT = "backend: rapidocr\nhost: cpu\nports: {api: auto}\nimage_type: build\n"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("whole"), {"aa": CHAT, "bb": BUILT})
    assert mmcompose(folder, "render").code == 0
    assert mmcompose(folder, "render", "--check") == (0, "", "up to date\n")
    return folder


@pytest.fixture
def rendered(whole: Path, tmp_path: Path) -> Path:
    """A rendered project that the test may change."""
    return Path(shutil.copytree(whole, tmp_path / "project"))


def put(folder: Path, path: str, text: str = "x\n") -> None:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def allowed(*paths: str) -> list[Allowed]:
    return [Allowed(path, "a reason", Origin("project", "mmcompose.yaml", 1, 1)) for path in paths]


@pytest.mark.parametrize("path", sorted(KEPT_BY_COMPOSE - {"compose.yaml"}))
@pytest.mark.parametrize("folder", ["", "compose/"])
def test_each_name_that_compose_looks_for_by_itself_is_found(rendered: Path, folder: str, path: str) -> None:
    put(rendered, folder + path, "services: {}\n")
    answer = mmcompose(rendered, "render", "--check")
    assert answer.code == 1
    assert f"{folder}{path}:1:1: is not a file that render writes, and Compose " in answer.err


@pytest.mark.parametrize(
    "path",
    [
        "compose/notes.txt",
        "compose/zz.yaml",
        "compose/profiles/zz.yaml",
        "compose/build/rapidocr/sitecustomize.py",
        "compose/build/rapidocr/.dockerignore",
        "compose/build/rapidocr/README.md",
        "compose/build/rapidocr/.env",
        "compose/build/other/Dockerfile",
        "compose/config/aa/aa/more.json",
        "compose/build/rapidocr/Dockerfile.mmcompose-new",
    ],
)
def test_a_file_under_compose_that_no_render_writes_is_found(rendered: Path, path: str) -> None:
    put(rendered, path)
    answer = mmcompose(rendered, "render", "--check")
    assert answer.code == 1
    assert f"{path}:1:1: is not a file that render writes" in answer.err
    assert "allow_files:" in answer.err


def test_what_starts_containers_refuses_it_and_names_it(rendered: Path) -> None:
    put(rendered, "compose.override.yaml", "services: {}\n")
    for command in (["up", "aa"], ["switch", "aa"], ["test", "aa"], ["bench", "run", "aa", "sanity"]):
        answer = mmcompose(rendered, *command)
        assert answer.code == 1
        assert "compose.override.yaml:1:1: is not a file that render writes, and Compose merges it" in answer.err
        assert "nothing was started" in answer.err


def test_a_pull_request_gets_it_as_an_annotation(rendered: Path) -> None:
    put(rendered, "compose.override.yaml", "services: {}\n")
    answer = mmcompose(rendered, "render", "--check", "--format", "github")
    assert answer.out.startswith("::error file=compose.override.yaml,line=1,col=1::")


def test_a_link_to_a_folder_is_one_file_that_no_render_writes(rendered: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (rendered / "compose/build/more").symlink_to(tmp_path / "elsewhere")
    assert "compose/build/more:1:1: is not a file that render writes" in mmcompose(rendered, "render", "--check").err


@pytest.mark.parametrize("folder", ["", "compose/", ".mmcompose/"])
@pytest.mark.parametrize(
    "line",
    [
        "COMPOSE_FILE=other.yaml",
        "export DOCKER_HOST=tcp://elsewhere",
        "  COMPOSE_PROFILES: ocr",
        "\ufeffCOMPOSE_FILE=x",
        'A="x" COMPOSE_FILE=other.yaml',
        "A='x'COMPOSE_FILE=other.yaml",
        'A="x"\tCOMPOSE_PATH_SEPARATOR=;',
    ],
)
def test_an_env_file_that_steers_compose_is_found_at_its_line(rendered: Path, folder: str, line: str) -> None:
    put(rendered, f"{folder}.env", ("" if "\ufeff" in line else "HF_TOKEN=hf\n\n") + line + "\n")
    answer = mmcompose(rendered, "render", "--check")
    assert answer.code == 1
    assert f"{folder}.env:{1 if chr(0xFEFF) in line else 3}:1: sets " in answer.err


def test_an_env_file_too_long_to_be_looked_through_is_found(rendered: Path) -> None:
    put(rendered, ".env", "A=" + "x" * (1 << 20) + "\nCOMPOSE_FILE=other.yaml\n")
    assert ".env:1:1: is too long" in mmcompose(rendered, "render", "--check").err


def test_what_looks_like_a_comment_and_ends_a_value_is_read_on(rendered: Path) -> None:
    put(rendered, ".env", 'A="x\n#" COMPOSE_FILE=other.yaml\n')
    assert ".env:2:1: sets COMPOSE_FILE" in mmcompose(rendered, "render", "--check").err


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", "HF_TOKEN=hf\n# COMPOSE_FILE=x\nMY_COMPOSE_FILE=x\n  # or set DOCKER_HOST=x\n"),
        ("compose/.env", "HF_TOKEN=hf\n"),
        ("compose/README.md", "what lies here\n"),
        ("compose/.gitattributes", "* text\n"),
        ("compose/.aa.yaml.swp", "an editor has it open\n"),
        ("docker-compose.dev.yaml", "services: {}\n"),
        ("other/compose.override.yaml", "services: {}\n"),
        ("benchmarks/notes.txt", "mine\n"),
    ],
)
def test_what_changes_nothing_may_lie_there(rendered: Path, path: str, text: str) -> None:
    put(rendered, path, text)
    assert mmcompose(rendered, "render", "--check") == (0, "", "up to date\n")


def test_a_folder_or_a_pipe_named_env_is_no_env_file(rendered: Path) -> None:
    (rendered / ".env").mkdir()
    assert program(rendered, "render", "--check").code == 0
    (rendered / ".env").rmdir()
    os.mkfifo(rendered / ".env")
    assert program(rendered, "render", "--check").code == 0


def test_a_file_is_allowed_by_its_path_or_a_pattern_and_a_reason(rendered: Path) -> None:
    put(rendered, "compose.override.yaml", "services: {}\n")
    put(rendered, "compose/build/rapidocr/more/deep/own.py")
    settings = (
        "allow_files:\n"
        "  - {path: compose.override.yaml, reason: our proxy}\n"
        "  - {path: 'compose/build/**/*.py', reason: our model}\n"
    )
    project(rendered, {"mmcompose.yaml": SETTINGS + settings})
    assert mmcompose(rendered, "render").code == 0
    assert mmcompose(rendered, "render", "--check") == (0, "", "up to date\n")


def test_an_entry_that_waives_nothing_is_a_warning(rendered: Path) -> None:
    project(
        rendered, {"mmcompose.yaml": SETTINGS + "allow_files:\n  - {path: compose.override.yaml, reason: our proxy}\n"}
    )
    assert mmcompose(rendered, "render").code == 0
    answer = mmcompose(rendered, "render", "--check")
    assert answer.code == 0
    assert "mmcompose.yaml:6:5: warning: allow_files: 'compose.override.yaml' waives nothing" in answer.err


@pytest.mark.parametrize(
    "entry", ["{path: compose.override.yaml}", "{path: /etc/x, reason: why}", "{path: x, reason: ''}", "x"]
)
def test_an_entry_needs_a_path_of_the_project_and_a_reason(rendered: Path, entry: str) -> None:
    project(rendered, {"mmcompose.yaml": f"{SETTINGS}allow_files: [{entry}]\n"})
    assert mmcompose(rendered, "validate").code == 2


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("compose/*.txt", "compose/a.txt", True),
        ("compose/*.txt", "compose/a/b.txt", False),
        ("compose/**", "compose/a/b.txt", True),
        ("compose/**/b.txt", "compose/b.txt", True),
        ("compose/?.txt", "compose/ab.txt", False),
        ("compose/a.txt", "compose/a.txt\n", False),
        ("compose/[ab].txt", "compose/a.txt", False),
    ],
)
def test_an_asterisk_stays_in_its_folder_and_two_do_not(pattern: str, path: str, matches: bool) -> None:
    found = [problem for problem in judge({path: b""}, (), allowed(pattern)) if problem.severity == "error"]
    assert (found == []) is matches


def test_a_name_that_is_no_plain_text_is_shown_in_escapes(rendered: Path) -> None:
    put(rendered, "compose/a\n::error::b\x1b[2J.txt")
    err = program(rendered, "render", "--check").err
    assert "\\n::error::b\\x1b[2J.txt" in err
    assert "\x1b" not in err
