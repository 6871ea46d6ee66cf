"""Finds values that are well formed and cannot be meant: arguments without a value, days that do not exist, tags in
another form than the image's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from mmcompose.core.place.subject import Around, Subject
from mmcompose.core.resolve.images import filled
from mmcompose.model import Problem, Setting

_OWN_LAYERS = ("profile", "command line")
"""Layers in which a null that removes nothing is a mistake; a shared file may remove a value that only some profiles
set."""
_DIGEST = re.compile(r"@((?:sha|md|blake)[0-9a-z]*):(\S*)")
_TAG = re.compile(r"([A-Za-z]*)([0-9]+(?:\.[0-9]+)*)(.*)")


def nothing_set(subject: Subject, _: Around) -> Iterator[Problem]:
    """Finds `key:` without a value where no layer below set one: somebody probably forgot the value."""
    args = subject.tree.present(("args",))
    for name, setting in args.value.items() if args else ():
        removes = any(below.value is not None for below in setting.overrode)
        if setting.value is None and not removes and setting.origin.layer.startswith(_OWN_LAYERS):
            hint = "write a value, such as true for a switch; no layer below sets one that null could remove"
            yield subject.problem(("args", name), "has no value", hint, "args.null", "warning")


def no_such_day(subject: Subject, _: Around) -> Iterator[Problem]:
    for index, waiver in enumerate(subject.service.waivers):
        if not _is_day(waiver.until):
            message = f"there is no day {waiver.until}"
            yield subject.problem(("waivers", index, "until"), message, "write a day that exists", "date")


def no_digest(subject: Subject, _: Around) -> Iterator[Problem]:
    """Finds a digest of the wrong form in a build argument that names an image."""
    for name, value in subject.service.build.args.items():
        met = _DIGEST.search(str(value))
        if met and not (met[1] == "sha256" and re.fullmatch(r"[0-9a-f]{64}", met[2])):
            message = f"{met[0]!r} is no digest"
            yield subject.problem(("build", "args", name), message, "write @sha256: and its 64 digits", "digest")


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def other_tag(subject: Subject, _: Around) -> Iterator[Problem]:
    """Finds a version in another form than the image's tags, since the image's name takes it unchanged."""
    version, usual = subject.tree.present(("version",)), _usual(subject.tree)
    pattern = subject.tree.present(("images", subject.profile.host.accelerator_for(subject.service.gpu.count)))
    if (
        version is None
        or usual is None
        or pattern is None
        or subject.service.image != filled(pattern.value, version.value)
    ):
        return
    mine, theirs = _TAG.fullmatch(version.value), _TAG.fullmatch(usual)
    repository = pattern.value.partition(":")[0]
    if theirs is None or version.value == usual:
        return
    if mine is None:
        hint = f"its releases are tagged like {usual}; a whole reference goes under image:"
        yield subject.problem(("version",), f"is no release of {repository}", hint, "version.tag", "warning")
    elif mine[1] != theirs[1] or mine[2].count(".") < theirs[2].count("."):
        missing = ".0" * (theirs[2].count(".") - mine[2].count("."))
        hint = f"write {theirs[1]}{mine[2]}{missing}{mine[3]}"
        message = f"{repository} tags its releases like {usual}"
        yield subject.problem(("version",), message, hint, "version.tag", "warning")


def _usual(tree: Setting) -> str | None:
    """The version that the backend file names, in the form of the image's tags."""
    version = tree.present(("version",))
    below = version.overrode if version else ()
    return next((str(one.value) for one in below if one.origin.layer == "backend" and one.value), None)
