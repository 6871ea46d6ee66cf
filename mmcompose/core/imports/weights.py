"""The model of a container: from the hub, from a path behind a mount, or from the store; and the model file for it."""

from __future__ import annotations

import posixpath
import re

from mmcompose.core.imports.ground import is_windows
from mmcompose.core.imports.sources.found import FoundMount
from mmcompose.core.imports.subject import Draft
from mmcompose.core.place.facts import mounted
from mmcompose.core.read.adhoc import in_pieces
from mmcompose.core.resolve.fold import fold
from mmcompose.model import Setting, labels
from mmcompose.model.paths import below

_STORED = re.compile(r"/store/files/([^/]+/[^/]+)/([^/]+)/(.+)")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*\Z")


def take_model(one: Draft) -> None:
    """Writes the weights, or the name of the model file that has the same."""
    repo = one.values.get(("weights", "repo"))
    if repo is not None:
        _quantised(one, repo)
    if one.loaded is not None:
        _loaded(one, one.loaded)
    elif one.ours:
        _mounted_alone(one)
    take_known_model(one)


def _loaded(one: Draft, model: Setting) -> None:
    text = str(model.value)
    stored = _STORED.fullmatch(text)
    if stored:
        repo, revision, file = stored.groups()
        one.put("weights.repo", repo, model.origin)
        if revision != "main":
            one.put("weights.revision", revision, model.origin)
        one.put("weights.file", file, model.origin)
    elif text.startswith(("/", "./", "../", "~")) or is_windows(text) or text.lower().endswith(".gguf"):
        _at_path(one, text, model)
    elif _REPOSITORY.match(text):
        one.put("weights.repo", text, model.origin)
    elif text:
        hint = "write weights: {repo: owner/name} or {path: …}"
        one.remarks.left_out(model.origin, "weights", f"{text!r} is neither a repository nor a path", hint)


def _at_path(one: Draft, text: str, model: Setting) -> None:
    """A path inside the container becomes the one on the host behind its mount."""
    mount = next((each for each in one.found.mounts if not each.named and below(text, each.target.rstrip("/"))), None)
    if mount is None and not one.found.bare:
        hint = "mount its folder, or write weights: {repo: owner/name}"
        one.remarks.left_out(model.origin, "weights.path", f"no mount holds {text}", hint)
        return
    inside = text.removeprefix(mount.target.rstrip("/")).lstrip("/") if mount else ""
    real = posixpath.join(mount.source, inside).rstrip("/") if mount else text
    if is_windows(real):
        hint = "write the path as Docker's machine sees it, such as /mnt/c/models/…"
        one.remarks.changed(model.origin, "weights.path", f"{real} is a path of Windows", hint)
    folder, _, file = real.rpartition("/")
    if mount and one.ours and inside:
        folder, file = mount.source, inside
    if file and (in_pieces(file) or (mount and one.ours and inside)):
        one.put("weights.path", one.ground.place(folder), model.origin)
        one.put("weights.file", file, model.origin)
    else:
        one.put("weights.path", one.ground.place(real), model.origin)
    if mount and not _used_elsewhere(one, mount):
        one.found.mounts.remove(mount)


def _used_elsewhere(one: Draft, mount: FoundMount) -> bool:
    """Whether another argument or variable names something in the same mount."""
    texts = [str(value.value) for path, value in one.values.items() if path[0] in ("args", "env")]
    return any(mount.target.rstrip("/") in text for text in texts)


def _mounted_alone(one: Draft) -> None:
    """A folder of ours that a configuration names, and no command."""
    for mount in one.found.mounts:
        if not mount.named and mount.read_only and mount.target == mounted(mount.source):
            one.put("weights.path", one.ground.place(mount.source), mount.origin)
            one.found.mounts.remove(mount)
            return


def _quantised(one: Draft, repo: Setting) -> None:
    """`owner/name:Q4_K_M`, by which llama.cpp finds a file itself; a profile names the file."""
    name, colon, form = str(repo.value).partition(":")
    one.put("weights.repo", name, repo.origin)
    if ("weights", "file") in one.values:
        return
    for layer in one.ground.documents.of("model").values():
        weights = layer.root.present(("weights",))
        file = str(weights.at(("file",)).value) if weights and weights.present(("file",)) else ""  # type: ignore[union-attr]
        if weights and weights.plain().get("repo") == name and form.lower() in file.lower() and file:
            one.put("weights.file", file, repo.origin)
            return
    which = f"{form} names no file" if colon else "it names no file"
    hint = "write weights.file, the name of one file of the repository"
    one.remarks.left_out(repo.origin, "weights.file", f"{which}, which llama.cpp chose itself", hint)


def take_known_model(one: Draft) -> None:
    """The model file with these weights; it brings what the model needs besides. A file of ours names it."""
    named = one.found.labels.get(labels.MODEL)
    if named is not None and named in one.ground.documents.of("model"):
        one.values = {("model",): Setting(named, one.found.origin), **one.values}
        return
    mine = {str(path[1]): value.value for path, value in one.values.items() if path[0] == "weights"}
    wanted = {key: mine.get(key) for key in ("repo", "path", "file")}
    if not wanted["repo"] and not wanted["path"]:
        return
    for name, layer in one.ground.documents.of("model").items():
        trees = [layer.root, layer.root.present(("backends", one.backend))]
        plain = fold([tree for tree in trees if tree is not None]).plain().get("weights", {})
        if {key: plain.get(key) for key in wanted} == wanted:
            origin = next(value.origin for path, value in one.values.items() if path[0] == "weights")
            one.values = {("model",): Setting(name, origin), **one.values}
            return
