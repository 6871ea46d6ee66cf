"""`mmcompose hosts detect`: prints, and writes only what it was asked to write."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from tests.deploy.doctor import small


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mmcompose.yaml").write_text("name: small\nbind: 127.0.0.1\nports: 8100-8199\nhost: box\n")
    return tmp_path


FILE = "profiles/hosts/box.yaml"


def test_it_prints_this_machine_and_writes_nothing(folder: Path) -> None:
    answer = small.mmcompose(folder, "hosts", "detect")
    assert answer.code == 0
    assert yaml.safe_load(answer.out)["machine"]["cores"] == os.cpu_count()
    assert list(folder.iterdir()) == [folder / "mmcompose.yaml"]


def test_looking_needs_no_project(tmp_path: Path) -> None:
    answer = small.mmcompose(tmp_path, "hosts", "detect")
    assert (answer.code, "machine:" in answer.out) == (0, True)
    assert small.mmcompose(tmp_path, "hosts", "detect", "--write").code == 2


@pytest.mark.parametrize("name", ["x", "x" * 64, "-box", "Box"])
def test_a_name_that_is_none_is_met_with_the_whole_rule(folder: Path, name: str) -> None:
    answer = small.mmcompose(folder, "hosts", "detect", "--", name)
    assert answer.code == 2
    assert "small letters, digits and dashes, a letter first, two to 63 characters" in answer.err
    (folder / "mmcompose.yaml").write_text(f"name: {name}\nbind: 127.0.0.1\nports: 8100-8199\nhost: cpu\n")
    assert "digits and dashes, a letter first, two to 63 characters" in small.mmcompose(folder, "validate").err


def test_what_it_writes_is_what_it_prints_and_the_project_takes_it(folder: Path) -> None:
    printed = small.mmcompose(folder, "hosts", "detect", "box").out
    written = small.mmcompose(folder, "hosts", "detect", "box", "--write")
    assert (written.code, written.out) == (0, "")
    assert f"wrote {FILE}" in written.err
    assert (folder / FILE).read_text() == printed
    (folder / "profiles/chat.yaml").write_text("backend: llamacpp\nweights: {path: m.gguf, format: gguf}\n")
    assert small.mmcompose(folder, "validate").code == 0


def test_a_file_that_exists_is_kept_unless_forced(folder: Path) -> None:
    (folder / FILE).parent.mkdir(parents=True)
    (folder / FILE).write_text("mine\n")
    refused = small.mmcompose(folder, "hosts", "detect", "box", "--write")
    assert (refused.code, (folder / FILE).read_text()) == (1, "mine\n")
    assert "--force" in refused.err
    assert small.mmcompose(folder, "hosts", "detect", "box", "--write", "--force").code == 0
    assert "machine:" in (folder / FILE).read_text()
    assert [path.name for path in (folder / FILE).parent.iterdir()] == ["box.yaml"]


def test_a_link_that_leads_nowhere_is_not_written_through(folder: Path) -> None:
    (folder / FILE).parent.mkdir(parents=True)
    (folder / FILE).symlink_to("../../outside")
    assert small.mmcompose(folder, "hosts", "detect", "box", "--write").code == 1
    assert not (folder / "outside").exists()


@pytest.mark.parametrize("name", ["../box", "Box", "x", "box.yaml", "a b", "-x"])
def test_a_name_that_no_host_can_have_is_a_usage_error(folder: Path, name: str) -> None:
    assert small.mmcompose(folder, "hosts", "detect", "--write", "--", name).code == 2
    assert list(folder.iterdir()) == [folder / "mmcompose.yaml"]


def test_force_alone_means_nothing(folder: Path) -> None:
    assert small.mmcompose(folder, "hosts", "detect", "--force").code == 2


@pytest.mark.parametrize("blocked", ["profiles", "profiles/hosts"])
def test_a_place_that_cannot_be_written_is_reported(folder: Path, blocked: str) -> None:
    (folder / blocked).parent.mkdir(exist_ok=True)
    (folder / blocked).write_text("a file, not a folder")
    answer = small.mmcompose(folder, "hosts", "detect", "box", "--write")
    assert (answer.code, answer.err) == (4, f"{FILE} cannot be written: Not a directory")


@pytest.mark.parametrize(
    ("path", "modeline"),
    [
        ("profiles/.schema/host.schema.json", "# yaml-language-server: $schema=../.schema/host.schema.json"),
        ("mmcompose/core/schema/host.schema.json", "# yaml-language-server: $schema=../../mmcompose/core/schema/"),
        ("README.md", "description:"),
    ],
)
def test_the_editor_learns_of_the_schema_where_the_project_has_one(folder: Path, path: str, modeline: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text("{}")
    assert small.mmcompose(folder, "hosts", "detect").out.startswith(modeline)


def test_elsewhere_than_on_linux_it_says_what_to_write_by_hand(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    answer = small.mmcompose(folder, "hosts", "detect", "box")
    assert answer.code == 0
    assert yaml.safe_load(answer.out)["machine"]["accelerator"] == "cpu"
    assert "sysctl -n hw.memsize" in answer.err
    assert small.mmcompose(folder, "hosts", "detect", "box", "--write").code == 1
    assert not (folder / FILE).exists()
