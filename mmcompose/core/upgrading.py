"""What another release of its engine means for a profile, and the edits of its file that carry the move out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mmcompose.core.edit import edit, remove
from mmcompose.core.images import filled, tag_of
from mmcompose.engines.history import History
from mmcompose.engines.upgrade import Change, upgrade
from mmcompose.model import Path, Profile, Setting


class Rewrite(NamedTuple):
    """One edit of the profile's file: set `path` to `value`, or take it out."""

    path: Path
    value: Any = None
    drop: bool = False


class Move(NamedTuple):
    """One service on its way from one release to another."""

    service: str
    old: str | None
    new: str
    changes: list[Change]
    rewrites: list[Rewrite]

    @property
    def breaks(self) -> list[Change]:
        """What would not start, and is not mended by the rewrites."""
        return [change for change in self.changes if change.kind in ("breaks", "renamed") and change.edit is None]


def move(profile: Profile, own: Setting, key: str, to: str, history: History) -> Move:
    """`own` is the profile's file as it was read: what stands there is changed there, the rest is overridden there."""
    service = profile.services[key]
    old = service.engine_version or service.version
    new = _spelled(to, old)
    changes = upgrade(history, old, new, service.args)
    rewrites = [*_release(profile, own, key, new), *_arguments(own, key, changes)]
    return Move(key, old, new, changes, rewrites)


def rewritten(text: str, rewrites: list[Rewrite]) -> str:
    for change in rewrites:
        text = remove(text, change.path) if change.drop else edit(text, change.path, change.value)
    return text


def _spelled(to: str, old: str | None) -> str:
    """`v0.33.0` where the old one is written with a `v`, and the other way round."""
    bare = to.removeprefix("v")
    return f"v{bare}" if old is not None and old.startswith("v") and bare[:1].isdigit() else to


def _place(own: Setting, key: str, path: Path) -> tuple[Path, bool]:
    """Where the profile's file says it, or would, and whether it does."""
    inside: Path = ("services", key, *path)
    if own.at(inside) is not None:
        return inside, True
    if own.at(path) is not None:
        return path, True
    return (inside if own.at(("services", key)) is not None else path), False


def _release(profile: Profile, own: Setting, key: str, new: str) -> Iterator[Rewrite]:
    service, tree = profile.services[key], profile.settings[key]
    image, written = _place(own, key, ("image",))
    if written and service.image:
        pattern = tree.at(("images", _accelerator(profile, key)))
        repository = service.image.partition("@")[0].removesuffix(f":{tag_of(service.image)}")
        known = pattern is not None and pattern.value and str(pattern.value).startswith(f"{repository}:")
        yield Rewrite(image, filled(str(pattern.value), new) if known and pattern else f"{repository}:{new}")
    version, written_version = _place(own, key, ("version",))
    if written_version or not written:
        yield Rewrite(version, new)


def _accelerator(profile: Profile, key: str) -> str:
    return profile.host.accelerator if profile.services[key].gpu.count else "cpu"


def _arguments(own: Setting, key: str, changes: list[Change]) -> Iterator[Rewrite]:
    for change in changes:
        if change.edit is None:
            continue
        place, written = _place(own, key, ("args", change.edit.drop))
        why, explained = _place(own, key, ("why", f"args.{change.edit.drop}"))
        yield Rewrite(place, drop=True) if written else Rewrite(place, None)
        if explained:
            yield Rewrite(why, drop=True)
        if change.edit.path:
            target, _ = _place(own, key, ("args", *change.edit.path))
            yield Rewrite(target, change.edit.value)
