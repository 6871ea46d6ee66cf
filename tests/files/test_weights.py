"""What lies at a path that somebody calls a model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mmcompose.core.read.adhoc import WeightsToLoad
from mmcompose.files.gather.weights import look
from mmcompose.model.failure import Failure

if TYPE_CHECKING:
    from pathlib import Path

HEAD = b"GGUF\x03\x00\x00\x00"


def make(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(HEAD)
    return folder


def test_a_file_is_loaded_from_where_it_lies(tmp_path: Path) -> None:
    make(tmp_path / "x")
    make(tmp_path, "a.gguf")
    for path in (tmp_path / "a.gguf", tmp_path / "x/../a.gguf"):
        assert look(path) == WeightsToLoad(("gguf",), str(tmp_path / "a.gguf"))


def test_a_link_keeps_its_own_name_for_its_targets_may_be_a_checksum(tmp_path: Path) -> None:
    make(tmp_path, "0123abcd")
    (tmp_path / "a.gguf").symlink_to("0123abcd")
    assert look(tmp_path / "a.gguf").path == str(tmp_path / "a.gguf")


def test_of_a_model_in_pieces_the_folder_is_mounted(tmp_path: Path) -> None:
    make(tmp_path, "m-00001-of-00002.gguf", "m-00002-of-00002.gguf")
    found = WeightsToLoad(("gguf",), str(tmp_path), "m-00001-of-00002.gguf")
    assert look(tmp_path) == found
    assert look(tmp_path / "m-00001-of-00002.gguf") == found


def test_a_folder_of_one_model_is_that_model(tmp_path: Path) -> None:
    assert look(make(tmp_path, "b.gguf", "mmproj-b.gguf")).path == str(tmp_path / "b.gguf")


@pytest.mark.parametrize(
    ("names", "formats"),
    [
        (("model.safetensors", "config.json"), ("safetensors",)),
        (("openvino_model.xml", "openvino_model.bin"), ("openvino",)),
    ],
)
def test_a_folder_is_taken_whole(tmp_path: Path, names: tuple[str, ...], formats: tuple[str, ...]) -> None:
    assert look(make(tmp_path, *names)) == WeightsToLoad(formats, str(tmp_path))


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.gguf")
    return folder / "pipe.gguf"


def _pointer(folder: Path) -> Path:
    (folder / "a.gguf").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    return folder / "a.gguf"


def _astray(folder: Path) -> Path:
    make(folder, "blob")
    make(folder / "snapshot", "config.json")
    (folder / "snapshot/model.safetensors").symlink_to("../blob")
    return folder / "snapshot"


def _dead(folder: Path) -> Path:
    (folder / "a.gguf").symlink_to("a.gguf")
    return folder / "a.gguf"


@pytest.mark.parametrize(
    ("there", "printed"),
    [
        (lambda folder: make(folder, "README.md"), "holds no model"),
        (lambda folder: make(folder, "a.gguf", "b.gguf"), "holds 2 models; name one of them"),
        (lambda folder: make(folder, "m-00002-of-00002.gguf"), "holds 0 models"),
        (lambda folder: make(folder, "a") / "nothing", "neither a file nor a folder"),
        (lambda folder: make(folder, os.fsdecode(b"\xff.gguf")) / os.fsdecode(b"\xff.gguf"), "not UTF-8"),
        (_pipe, "neither a file nor a folder"),
        (_pointer, "git lfs pull"),
        (_astray, "cp -rL"),
        (_dead, "neither a file nor a folder"),
    ],
)
def test_what_is_no_model_is_reported(tmp_path: Path, there: object, printed: str) -> None:
    assert callable(there)
    with pytest.raises(Failure, match=printed):
        look(there(tmp_path))


def test_an_index_file_names_its_folder(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\x00")
    with pytest.raises(Failure, match="name the folder"):
        look(tmp_path / "model.safetensors")
