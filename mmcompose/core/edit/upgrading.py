"""Finds what another engine release means for a profile, and how to edit its file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from mmcompose.core.check.needs import unmet
from mmcompose.core.edit import consequences
from mmcompose.core.edit.in_place import edit, remove
from mmcompose.core.read.overrides import Override
from mmcompose.core.read.typed import LINE
from mmcompose.core.resolve.images import filled, release_in, tag_of
from mmcompose.engines.flags.changes import FlagChange, upgrade
from mmcompose.engines.flags.history import Histories, History
from mmcompose.engines.flags.versions import key as release_key
from mmcompose.model import Origin, Path, Profile, Setting


class Rewrite(NamedTuple):
    """One edit of the profile's file: set `path` to `value`, or remove it."""

    path: Path
    value: Any = None
    drop: bool = False


class Move(NamedTuple):
    """One service on its way from one release to another."""

    service: str
    old: str | None
    new: str
    changes: list[FlagChange]
    rewrites: list[Rewrite]

    @property
    def breaks(self) -> list[FlagChange]:
        """The changes that would keep the service from starting, even after the rewrites."""
        broken = (change for change in self.changes if change.kind in ("breaks", "renamed"))
        return [change for change in broken if change.edit is None and not change.writes]


def moves(
    profile: Profile, own: Setting, to: str | None, histories: Histories, overridden: Callable[..., Profile | None]
) -> list[Move]:
    """The moves of each engine with such a release; without a release, to the newest known one. `overridden` resolves
    a profile of that name with overrides."""
    found = []
    for key, engine in profile.engines.items():
        history = histories(engine.history) if engine.history else None
        if history is None:
            continue
        release = history.versions[-1] if to is None else to
        if history.order == "commit" or release_key(history.order, release) is not None:
            there = overridden(profile.name, tried(profile, own, key, release))
            found.append(move(profile, own, key, release, history, there))
    return found


def move(profile: Profile, own: Setting, key: str, to: str, history: History, there: Profile | None = None) -> Move:
    """Compares a service with itself at another release. `own` is the profile's file: settings there are edited, others
    are overridden there. `there` is the profile with nothing but the release changed."""
    service = profile.services[key]
    old = service.release
    new = _spelled(to, profile.settings[key].at(("version",)))
    # The default of a flag that mmcompose writes itself changes nothing.
    ours = profile.engines[key].rendered_args
    found = upgrade(history, old, new, service.args)
    changes = [change for change in found if change.kind != "default" or change.path[0] not in ours]
    around = list(consequences.changes(profile, there, key)) if there is not None else []
    release = list(_release(profile, own, key, new))
    # Arguments of one release beside the image of another would be worse than either.
    rewrites = [*release, *_arguments(own, key, changes), *_settings(own, key, around)] if release else []
    return Move(key, old, new, [*_hurdles(profile, own, key, new), *around, *changes], rewrites)


def tried(profile: Profile, own: Setting, key: str, to: str) -> list[Override]:
    """The overrides that move one service of the profile to that release."""
    service = profile.services[key]
    new = _spelled(to, profile.settings[key].at(("version",)))
    inside: Path = ("services", key) if own.at(("services",)) is not None else ()
    found = [Override((*inside, "version"), Setting(new, Origin(LINE, "--to")))]
    if service.engine_version:
        found.append(Override((*inside, "engine_version"), Setting(new, Origin(LINE, "--to"))))
    return found


def _hurdles(profile: Profile, own: Setting, key: str, new: str) -> Iterator[FlagChange]:
    """Finds obstacles to a move that no edit of the arguments removes."""
    service = profile.services[key]
    for message, severity in unmet(service.needs, new, profile.engines[key].title):
        yield FlagChange((), "breaks" if severity == "error" else "unsure", message, service.needs.reason or "")
    if _place(own, key, ("image",))[1] and service.image and _image(profile, key, new) is None:
        message = f"the tag of {service.image} does not name a release"
        yield FlagChange((), "breaks", message, f"write the image of {new} yourself")


def _image(profile: Profile, key: str, new: str) -> str | None:
    """The same image at another release: by the backend's pattern, or with the release in its tag replaced."""
    image = (profile.services[key].image or "").partition("@")[0]
    tag = tag_of(image) or ""
    repository = image.removesuffix(f":{tag}")
    accelerator = profile.host.accelerator_for(profile.services[key].gpu.count)
    pattern = profile.settings[key].present(("images", accelerator))
    if pattern is not None and str(pattern.value).startswith(f"{repository}:"):
        return filled(str(pattern.value), new)
    release = release_in(image, ())
    return f"{repository}:{tag.replace(release, new, 1)}" if release else None


def doubtful(own: Setting, rewrites: Iterable[Rewrite]) -> Iterator[tuple[Path, Setting]]:
    """Reasons in the profile's file about values that change: only a person knows whether they still hold."""
    for change in rewrites:
        place = (*change.path[:-1], "why", change.path[-1])
        if not change.drop and (reason := own.present(place)):
            yield place, reason


def rewritten(text: str, rewrites: list[Rewrite]) -> str:
    for change in rewrites:
        text = remove(text, change.path) if change.drop else edit(text, change.path, change.value)
    return text


def _spelled(to: str, version: Setting | None) -> str:
    """The release with a `v` where the old one, or the backend's, has it: `v0.33.0`."""
    bare = to.removeprefix("v")
    spellings = [str(one.value) for one in (version, *version.overrode) if one.value is not None] if version else []
    return f"v{bare}" if spellings and spellings[-1].startswith("v") and bare[:1].isdigit() else to


def _place(own: Setting, key: str, path: Path) -> tuple[Path, bool]:
    """The path of a setting in the profile's file, and whether the file sets it there."""
    inside: Path = ("services", key, *path)
    if own.at(inside) is not None:
        return inside, True
    if own.at(path) is not None:
        return path, True
    return (inside if own.at(("services", key)) is not None else path), False


def _release(profile: Profile, own: Setting, key: str, new: str) -> Iterator[Rewrite]:
    service = profile.services[key]
    image, written = _place(own, key, ("image",))
    if written and service.image:
        moved = _image(profile, key, new)
        if moved is None:
            return
        yield Rewrite(image, moved)
    version, written_version = _place(own, key, ("version",))
    if written_version or not written:
        yield Rewrite(version, new)
    if service.engine_version:
        # It named the release of the old image; the new image's tag names its own.
        known, written_known = _place(own, key, ("engine_version",))
        yield Rewrite(known, drop=True) if written_known else Rewrite(known, new)


def _settings(own: Setting, key: str, changes: list[FlagChange]) -> Iterator[Rewrite]:
    for path, value in dict(write for change in changes for write in change.writes).items():
        yield Rewrite(_place(own, key, path)[0], value)


def _arguments(own: Setting, key: str, changes: list[FlagChange]) -> Iterator[Rewrite]:
    for change in changes:
        if change.edit is None:
            continue
        place, written = _place(own, key, ("args", change.edit.drop))
        if change.edit.path == (change.edit.drop,):
            yield Rewrite(place, change.edit.value)
            continue
        why, explained = _place(own, key, ("why", f"args.{change.edit.drop}"))
        yield Rewrite(place, drop=True) if written else Rewrite(place, None)
        if explained:
            yield Rewrite(why, drop=True)
        if change.edit.path:
            target, _ = _place(own, key, ("args", *change.edit.path))
            yield Rewrite(target, change.edit.value)
