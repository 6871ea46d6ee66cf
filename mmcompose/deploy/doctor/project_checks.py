"""Checks the generated files: up to date, and accepted by Compose itself."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.hints import plural
from mmcompose.deploy.doctor.facts import Facts
from mmcompose.deploy.doctor.finding import Finding, error, note, ok

_SHOWN = 3


def rendered(facts: Facts) -> Iterator[Finding]:
    state, about = facts.rendered.state, facts.rendered.about
    shown = "; ".join(about[:_SHOWN]) + (f" and {len(about) - _SHOWN} more" if len(about) > _SHOWN else "")
    if state == "broken":
        yield error(f"the profiles have problems: {shown}", "mmcompose validate")
    elif state == "different":
        yield error(f"the rendered files are out of date: {shown}", "mmcompose render")
    elif state == "beside":
        yield error(f"a file changes what the compose files do: {shown}", "mmcompose render --check")
    else:
        yield ok("the rendered files are what the profiles render to")


def configs(facts: Facts) -> Iterator[Finding]:
    """Runs `docker compose config -q` on each file; None stands for a missing file."""
    fine = []
    for path, reply in facts.configs.items():
        if reply is None:
            yield error(f"{path} is missing", "mmcompose render")
        elif reply.fine:
            fine.append(path)
        elif reply.code is None:
            yield note(f"{path} was not judged: {reply.complaint}")
        else:
            yield error(f"Compose refuses {path}: {reply.complaint}", f"docker compose -f {path} config")
    if fine:
        yield ok(f"Compose accepts {plural(len(fine), 'file')}")
