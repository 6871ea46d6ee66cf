"""Recognises a model at a path: a GGUF file, or a folder of safetensors or OpenVINO files."""

from __future__ import annotations

import os
from pathlib import Path

from mmcompose.core.read.adhoc import WeightsToLoad, formats_in, gguf_models, in_pieces
from mmcompose.model.failure import Failure

_OF_A_FOLDER = (".safetensors", ".xml", ".bin")
_LARGE_FILES = b"version https://git-lfs"


def look(place: Path) -> WeightsToLoad:
    """The weights at a path; raises Failure with a description of what is there instead."""
    try:
        str(place).encode()
    except UnicodeEncodeError:
        raise Failure(f"{place} has a name that is not UTF-8, which no compose file can hold: rename it", 2) from None
    try:
        return _folder(place) if place.is_dir() else _file(place)
    except OSError as error:
        raise Failure(f"{place} cannot be read: {error.strerror or error}", 2) from error


def _file(place: Path) -> WeightsToLoad:
    if not place.is_file():
        raise Failure(f"{place} is neither a file nor a folder", 2)
    with place.open("rb") as file:
        head = file.read(len(_LARGE_FILES))
    if head == _LARGE_FILES:
        raise Failure(f"{place} is only Git LFS's pointer to the file: `git lfs pull` fetches it", 2)
    if not head.startswith(b"GGUF"):
        hint = "; name the folder that it lies in" if place.suffix.lower() in _OF_A_FOLDER else ""
        raise Failure(f"{place} is no GGUF file{hint}", 2)
    path = _absolute(place)
    if in_pieces(path.name):
        return WeightsToLoad(("gguf",), str(path.parent), path.name)
    return WeightsToLoad(("gguf",), str(path))


def _folder(place: Path) -> WeightsToLoad:
    path = _absolute(place)
    names = [each.name for each in path.iterdir()]
    formats = formats_in(names)
    if not formats:
        raise Failure(f"{place} holds no model: no .gguf, no .safetensors, and no .xml with its .bin", 2)
    if formats == ["gguf"]:
        models = gguf_models(names)
        if len(models) != 1:
            shown = "\n".join(f"  {path / name}" for name in models) or "  none that can be loaded alone"
            raise Failure(f"{place} holds {len(models)} models; name one of them:\n{shown}", 2)
        return _file(path / models[0])
    astray = next((name for name in sorted(names) if not (path / name).resolve().is_relative_to(path.resolve())), None)
    if astray is not None:
        target = (path / astray).resolve()
        raise Failure(
            f"{place / astray} is a link to {target}, which is not mounted with its folder: "
            f"`cp -rL {place} FOLDER` makes a whole copy, or name the repository",
            2,
        )
    return WeightsToLoad(tuple(formats), str(path))


def _absolute(place: Path) -> Path:
    """The path with its own last name, which a link's target may lack, and without `..`, which a mount may not have."""
    return Path(os.path.abspath(place))  # resolve() would follow links
