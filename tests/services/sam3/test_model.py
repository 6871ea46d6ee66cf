"""What can be known of the model's side without a GPU: where the weights come from, and how boxes are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sam3_service import model
from sam3_service.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_a_mounted_checkpoint_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "sam3.pt"
    file.write_bytes(b"")
    assert model.checkpoint(Settings(checkpoint=str(file))) == file


@pytest.mark.parametrize("name", ["absent.pt", "."])
def test_a_checkpoint_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(model.LoadError, match=r"there is no file .*: mount sam3\.pt there, or give --hf-token-file"):
        model.checkpoint(Settings(checkpoint=str(tmp_path / name)))


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read"), (b" \n", "is empty"), (b"\xff\xfe", "cannot be read")]
)
def test_a_token_file_that_gives_no_token_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(model.LoadError, match=f"the token file .*token {message}"):
        model._token(Settings(hf_token_file=str(file)))


def test_the_token_is_read_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hf_abc\n")
    assert model._token(Settings(hf_token_file=str(tmp_path / "token"))) == "hf_abc"
    assert model._token(Settings()) is None


def test_boxes_are_written_as_centre_and_size_in_shares_of_the_picture() -> None:
    assert model.centred((10, 20, 30, 60), 100, 200) == pytest.approx([0.2, 0.2, 0.2, 0.2])
