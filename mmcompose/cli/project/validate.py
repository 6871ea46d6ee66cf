"""`mmcompose validate`: reports every problem of every file, or of the named profiles, at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.printing.output import FORMATS, note, report
from mmcompose.cli.shell.here import compiled, overrides
from mmcompose.cli.shell.options import overriding, printed_as, profiles_argument
from mmcompose.core.check.not_here import models

if TYPE_CHECKING:
    from mmcompose.core.pipeline import Compilation
    from mmcompose.model import Profile


@click.command("validate")
@profiles_argument
@printed_as(*FORMATS)
@overriding
@click.pass_obj
def command(folder: str, /, profiles: tuple[str, ...], style: str, **options: Any) -> None:
    """Check all files of the project: schema, engine flags, hardening rules, placement.

    With PROFILE it checks only these profiles and their layers, and only they get the values of the options. Exit
    code 0: fine (warnings included); 2: problems.

    \b
    mmcompose validate
    mmcompose validate --format github      # annotations in a pull request
    mmcompose validate ocr --backend-version v0.33.0
    """
    import time

    from mmcompose.deploy.pick import refuse_unknown

    made = compiled(folder, overrides(options), today=time.strftime("%Y-%m-%d"), only=profiles, bare=True)
    refuse_unknown(profiles, made.documents.names("profile"))
    problems = made.concerning(profiles) if profiles else made.problems
    wrong = any(problem.severity == "error" for problem in problems)
    faults = made.template_faults(profiles or made.profiles) if profiles or wrong else made.artifacts()[1]
    wrong = wrong or bool(faults)
    lacking = [] if wrong or style != "text" else models(_named(made, profiles), made.given.world)
    report([*problems, *faults, *lacking], style)
    if wrong:
        raise SystemExit(2)
    if style == "text":
        fine = len(set(profiles) or made.profiles)
        none = "there are no profiles: `mmcompose init` adds the shipped ones"
        note("1 profile is fine" if fine == 1 else f"{fine} profiles are fine" if fine else none)


def _named(made: Compilation, names: Iterable[str]) -> list[Profile]:
    wanted = set(names) or set(made.profiles)
    return [profile for name, profile in made.profiles.items() if name in wanted]
