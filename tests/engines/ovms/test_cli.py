"""`mmcompose ovms check` reads whatever it is given and says what is wrong with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mmcompose.cli.project.ovms import LARGEST
from mmcompose.cli.project.ovms import command as ovms
from tests.disk import mmcompose
from tests.engines.ovms.making import CORRECTED, HANDMADE

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def check(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(ovms, ["check", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    path = tmp_path / "graph.pbtxt"
    path.write_text(CORRECTED, encoding="utf-8")
    return path


def test_a_sound_graph_is_reported_to_be_sound(graph: Path) -> None:
    result = check(graph)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 file checked for release 2025.4.1: nothing wrong\n"


def test_every_fault_stands_behind_its_place(tmp_path: Path) -> None:
    path = tmp_path / "graph.pbtxt"
    path.write_text(HANDMADE, encoding="utf-8")
    result = check(path)
    assert result.exit_code == 2
    assert f"{path}:15:7: block_size: removed in 2025.0 (drop the line" in result.stderr
    assert result.stderr.endswith("\n20 problems and 1 warning in 1 file\n")


def test_a_config_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "anything"
    path.write_text('{"model_config_list": [], "monitoring": {"metrics": {"enable": true}}}', encoding="utf-8")
    assert check(path).exit_code == 0
    assert "METRICS_REST_PORT_MISSING" in check(path, "--rest-port", "0").stderr


def test_json_for_machines(graph: Path) -> None:
    result = check(graph, "--memory", "16", "--format", "json")
    assert result.exit_code == 2
    assert [(one["file"], one["line"], one["rule"]) for one in json.loads(result.stdout)] == [
        (str(graph), 19, "ovms-cache-size")
    ]


def test_several_files_are_reported_together(graph: Path, tmp_path: Path) -> None:
    result = check(graph, tmp_path / "none.pbtxt", tmp_path)
    assert result.exit_code == 2
    assert f"{tmp_path}/none.pbtxt: cannot be read: No such file or directory" in result.stderr
    assert f"{tmp_path}: cannot be read: Is a directory" in result.stderr


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"input_stream: 'a\xff'\n", "1:17: the text is not UTF-8 from here on"),
        (b"\n" * (LARGEST + 1), ": is larger than 4 MiB"),
        (b"\x00" * 10, "1:1: expected a field name"),
        (b"input_stream: '\x1b[31m'\n", "is no stream"),
        (b"", "1:1: the graph is empty"),
        (b'{"node": []}', "this is JSON; a graph is written in protobuf text format"),
    ],
)
def test_bad_content_is_a_sentence_and_never_steers_the_terminal(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "graph.pbtxt"
    path.write_bytes(content)
    answer = mmcompose(tmp_path, "ovms", "check", str(path))
    assert answer.code == 2
    assert fault in answer.err
    assert "\x1b" not in answer.err


@pytest.mark.parametrize(("style", "printed"), [("github", "::error file="), ("sarif", '"ruleId": "ovms-cache-size"')])
def test_it_speaks_to_machines_as_validate_does(graph: Path, style: str, printed: str) -> None:
    result = check(graph, "--memory", "16", "--format", style)
    assert result.exit_code == 2
    assert printed in result.stdout


def test_a_release_that_is_none_is_reported(graph: Path) -> None:
    result = check(graph, "--release", "latest")
    assert result.exit_code == 2
    assert "'latest' is no release of the model server" in result.stderr


def test_no_file_is_a_usage_error() -> None:
    assert check().exit_code == 2
