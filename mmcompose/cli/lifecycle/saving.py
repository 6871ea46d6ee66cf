"""Keeps a profile that was made on the spot as a file of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmcompose.cli.printing.output import fail, note, report
from mmcompose.model.paths import of_profile

if TYPE_CHECKING:
    from mmcompose.deploy.start.at_hand import AtHand


def refuse_name(here: AtHand, name: str) -> None:
    """Refuses a name that no profile may have, or that one has."""
    from mmcompose.core.read.documents import NAME, NAME_FORM

    if not NAME.match(name):
        fail(f"--save: {name!r} cannot be the name of a profile: {NAME_FORM}", 2)
    if name in here.made.documents.names("profile") or (here.root / of_profile(name)).exists():
        _refuse_existing(name)


def save(here: AtHand, name: str, text: str) -> None:
    """Writes profiles/NAME.yaml, and shows what a render would say about it."""
    from mmcompose.core.pipeline import errors
    from mmcompose.core.read.documents import Source
    from mmcompose.files import whole
    from mmcompose.files.fence import Fence
    from mmcompose.files.write.one_writer import one_writer

    path = of_profile(name)
    try:
        Fence(here.root).guard(path)
        with one_writer(here.root):
            whole.write(here.root / path, text, over=False)
    except FileExistsError:
        _refuse_existing(name)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", 4)
    note(f"wrote {path}")
    made = here.made.with_values(name, (), [Source(path, text.encode())])
    report(errors(made.concerning((name,))))
    note("next: mmcompose render, and commit")


def _refuse_existing(name: str) -> None:
    fail(f"--save: {of_profile(name)} exists, and was left as it is: choose another name", 2)
