"""`mmcompose doctor`: checks whether this machine can run these profiles, and lists what to repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mmcompose.cli.printing.output import note, paint, report, say, say_json
from mmcompose.cli.printing.table import wrapped
from mmcompose.cli.shell.here import compiled, profile_or_fail, root
from mmcompose.cli.shell.options import profiles_argument, text_or_json
from mmcompose.core.plain import one_line

if TYPE_CHECKING:
    from mmcompose.deploy.doctor.finding import Finding
    from mmcompose.deploy.doctor.table import DoctorCheck

_COLOURS = {"ok": "green", "note": "cyan", "warning": "yellow", "error": "red"}


@click.command("doctor")
@profiles_argument
@text_or_json
@click.option("--quiet", is_flag=True, help="Show only problems.")
@click.pass_obj
def command(folder: str, profiles: tuple[str, ...], style: str, quiet: bool) -> None:
    """Look at Docker, the GPUs, ports, secrets and models, and list what to repair.

    It changes nothing. Without PROFILE it checks all, and only mentions profiles for other machines. Exit code 0:
    no problem; 1: at least one.

    \b
    mmcompose doctor
    mmcompose doctor ocr
    mmcompose doctor --format json
    """
    from mmcompose.deploy.doctor.look import look
    from mmcompose.deploy.doctor.table import judge

    made = compiled(folder)
    for name in profiles:
        profile_or_fail(made, name)
    if made.stack is None:
        report([problem for problem in made.problems if problem.severity == "error"])
        raise SystemExit(2)
    facts = look(root(folder), made.stack, dict.fromkeys(profiles or made.profiles), by_name=bool(profiles))
    found = [(check, finding) for check, finding in judge(facts) if not quiet or finding.level != "ok"]
    if style == "json":
        say_json([{"check": check.id, "title": check.title, **finding._asdict()} for check, finding in found])
    else:
        _tell(found)
    if any(finding.level == "error" for _, finding in found):
        raise SystemExit(1)


def _tell(found: list[tuple[DoctorCheck, Finding]]) -> None:
    width = max((len(check.id) for check, _ in found), default=0)
    for check, finding in found:
        paint(f"{finding.level:<7}", _COLOURS[finding.level])
        indent = " " * (width + 11)
        line = f"  {check.id:<{width}}  {one_line(finding.what)}"
        say(wrapped(line, indent, begins=7))
        if finding.fix:
            say(wrapped(f"{indent}fix: {one_line(finding.fix)}", f"{indent}  "))
    counts = {level: sum(finding.level == level for _, finding in found) for level in ("error", "warning")}
    parts = [f"{number} {level}{'' if number == 1 else 's'}" for level, number in counts.items() if number]
    note(" and ".join(parts) if parts else "nothing stands in the way")
