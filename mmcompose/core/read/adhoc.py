"""Makes a profile for a model that has none: one more source, and everything after is as for any other.

This file reads no disk; files/weights.py finds the files at a path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from mmcompose.core.read.documents import Source
from mmcompose.model.paths import PRIVATE, of_profile

FOLDER = f"{PRIVATE}/adhoc"
KINDS = ("sanity", "load")
_REPOSITORY = r"([A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*)(?:/(\S+\.gguf))?\Z"
_PIECE = r"(?i)-\d{5}-of-\d{5}\.gguf\Z"
_FIRST_PIECE = r"(?i)-00001-of-\d{5}\.gguf\Z"
_LONGEST = 40
_NOT_AS_IT_IS = "[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]"


class WeightsToLoad(NamedTuple):
    """The model to load. `formats` are those that fit its files, the likeliest first; `model` is a file of
    profiles/models, which describes the weights itself."""

    formats: Sequence[str]
    path: str | None = None
    file: str | None = None
    repo: str | None = None
    model: str | None = None

    @property
    def called(self) -> str:
        return self.model or self.file or self.path or self.repo or ""


def formats_in(names: Collection[str]) -> list[str]:
    """The formats that a folder of these files can have. An .xml without its .bin is no OpenVINO model."""
    small = {name.lower() for name in names}
    openvino = any(name.endswith(".xml") and f"{name.removesuffix('.xml')}.bin" in small for name in small)
    found = {
        "openvino": openvino,
        "safetensors": any(name.endswith(".safetensors") for name in small),
        "gguf": any(name.endswith(".gguf") for name in small),
    }
    return [name for name, there in found.items() if there]


def gguf_models(names: Collection[str]) -> list[str]:
    """The files that llama.cpp can load: the first of a model in pieces, and no projectors."""
    found = (name for name in sorted(names) if name.lower().endswith(".gguf") and "mmproj" not in name.lower())
    return [name for name in found if not re.search(_PIECE, name) or re.search(_FIRST_PIECE, name)]


def in_pieces(name: str) -> bool:
    return re.search(_PIECE, name) is not None


def gguf_name(path: str) -> str:
    """The file's name without its suffix; of a model in pieces, without the number of the piece."""
    return re.sub(r"(-\d{5}-of-\d{5})?\.gguf\Z", "", _last(path), flags=re.IGNORECASE) or _last(path)


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def on_the_hub(text: str) -> WeightsToLoad | None:
    """Reads `owner/name` or `owner/name/FILE.gguf`, and guesses the format from the name."""
    found = re.match(_REPOSITORY, text)
    if found is None:
        return None
    repo, file = found.groups()
    if file or "gguf" in repo.lower():
        return WeightsToLoad(("gguf",), file=file, repo=repo)
    owner, _, name = repo.lower().partition("/")
    if owner == "openvino" or re.search(r"-ov(-|\Z)", name):
        return WeightsToLoad(("openvino",), repo=repo)
    return WeightsToLoad(("safetensors",), repo=repo)


def name_for(weights: WeightsToLoad) -> str:
    """The name of the profile: the same for the same model, so that a second run finds the container of the first."""
    stem = re.sub(r"\.gguf\Z", "", _last(weights.called), flags=re.IGNORECASE).lower()
    slug = re.sub(r"[^a-z0-9]+", "-", stem)[:_LONGEST].strip("-")
    return f"adhoc-{slug or 'model'}"


def source(
    weights: WeightsToLoad, command: str, kinds: Sequence[str], *, format_: str, gpu: bool, fixed_name: bool
) -> Source:
    """The profile as its file would stand in profiles/, for this command and these kinds of benchmarks; the format or
    the command line chooses the engine."""
    name = name_for(weights)
    loaded = {"path": weights.path, "repo": weights.repo, "file": weights.file, "format": format_}
    written: dict[str, Any] = {
        "description": f"{_last(weights.called) if weights.path else weights.called}, as given to {command}",
        "model": weights.model,
        "weights": {key: value for key, value in loaded.items() if value} if weights.model is None else None,
        # Nobody would call a model by a path inside the container.
        "served_name": name.removeprefix("adhoc-") if weights.path and not fixed_name else None,
        # All that the host has, as a model of unknown size may need them.
        "gpu": {"count": "all"} if gpu else None,
        "bench": list(kinds) or None,
    }
    lines = [f"{key}: {_written(value)}" for key, value in written.items() if value is not None]
    head = f"# Made by `mmcompose {command}`; to keep it, put it into profiles/ under a name of your own."
    text = "\n".join([head, *lines, ""])
    return Source(of_profile(name), text.encode(), kept=f"{FOLDER}/{name}.yaml")


def _written(value: Any) -> str:
    """A value as YAML. JSON is YAML, except for YAML's line breaks and characters that JSON writes as two escapes."""
    text = json.dumps(value, ensure_ascii=False)
    return re.sub(_NOT_AS_IT_IS, lambda found: f"\\u{ord(found[0]):04x}", text)
