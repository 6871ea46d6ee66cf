"""GGUF files: real ones pass, and one that is cut off anywhere is found without reading more than its head."""

from __future__ import annotations

import struct
from pathlib import Path

import gguf as library
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmfetch.store import gguf, heads

from tests.services.fetch.weights import safetensors


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Written by the library of llama.cpp itself, with every kind of value that it writes."""
    path = tmp_path_factory.mktemp("gguf") / "model.gguf"
    writer = library.GGUFWriter(path, "llama")
    writer.add_custom_alignment(64)
    writer.add_string("general.name", "a model " * 300)
    writer.add_array("tokenizer.ggml.tokens", [f"token {number}" for number in range(500)])
    writer.add_array("tokenizer.ggml.scores", [0.5] * 500)
    writer.add_bool("tokenizer.ggml.add_bos_token", True)
    writer.add_float64("some.double", 2.5)
    writer.add_tensor("first", np.zeros((3, 7), dtype=np.float32))
    writer.add_tensor("second", np.zeros((4, 64), dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def fault(tmp_path: Path, data: bytes, name: str = "model.gguf") -> str:
    (tmp_path / name).write_bytes(data)
    return heads.fault(tmp_path / name, name)


def test_a_file_of_the_library_is_whole(tmp_path: Path, model: bytes) -> None:
    assert fault(tmp_path, model) == ""


def test_a_file_that_is_cut_off_anywhere_is_found(tmp_path: Path, model: bytes) -> None:
    # The library fills the file up behind its last tensor; whatever is cut before that is missing.
    for length in [*range(0, len(model) - 64, 997), len(model) - 65]:
        assert fault(tmp_path, model[:length]), length


def test_the_sizes_of_blocks_are_those_of_the_library() -> None:
    theirs = {int(kind): sizes for kind, sizes in library.GGML_QUANT_SIZES.items()}
    assert {kind: sizes for kind, sizes in gguf.BLOCKS.items() if theirs.get(kind) != sizes} == {}


@given(st.binary(max_size=300))
def test_no_head_makes_the_check_fail_itself(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    fault(folder, b"GGUF" + struct.pack("<I", 3) + data)
    fault(folder, data + b"{" * 9, "model.safetensors")
    fault(folder, safetensors(5) + data, "model.safetensors")


def test_lists_in_lists_are_not_followed_without_end(tmp_path: Path) -> None:
    deep = struct.pack("<IQ", 9, 1) * 5000
    head = struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1) + b"k" + struct.pack("<I", 9)
    assert "is cut off or damaged" in fault(tmp_path, b"GGUF" + head + deep)
