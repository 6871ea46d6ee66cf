"""`mmcompose validate`: every problem of every file, at once."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.here import compiled, overrides, overriding
from mmcompose.cli.output import FORMATS, note, report
from mmcompose.model import Problem


@click.command("validate")
@click.option("--format", "style", type=click.Choice(FORMATS), default="text", show_default=True)
@overriding
@click.pass_obj
def command(folder: str, /, style: str, **options: Any) -> None:
    """Check all files of the project: schema, engine flags, hardening rules, placement.

    Exit code 0: fine (warnings included); 2: problems.

    \b
    mmcompose validate
    mmcompose validate --format github      # annotations in a pull request
    mmcompose validate --backend-version v0.33.0
    """
    import time

    made = compiled(folder, overrides(**options), today=time.strftime("%Y-%m-%d"))
    problems = made.problems
    faults: list[Problem] = []
    if not any(problem.severity == "error" for problem in problems):
        _, faults = made.artifacts()
    report([*problems, *faults], style)
    if faults or any(problem.severity == "error" for problem in problems):
        raise SystemExit(2)
    if style == "text":
        fine = len(made.profiles)
        note("1 profile is fine" if fine == 1 else f"{fine} profiles are fine")
