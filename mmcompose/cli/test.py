"""`mmcompose test`: up, one whole answer of each service, down. For CI."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.bringing import bring, fresh, said, starting, wish
from mmcompose.cli.choosing import chosen
from mmcompose.cli.failing import docker
from mmcompose.cli.output import fail, note, say

if TYPE_CHECKING:
    from mmcompose.deploy.engine import Engine
    from mmcompose.deploy.start import Order
    from mmcompose.deploy.verify import Finding


@click.command("test")
@click.argument("profile")
@starting
@click.option("--keep", is_flag=True, help="Leave it up.")
@click.pass_obj
def command(folder: str, /, profile: str, model: str | None, keep: bool, **options: Any) -> None:
    """Bring PROFILE up, ask each of its services one whole question, take it down.

    What was up before stays up. Exit code 4: it did not come up, or did not answer as it should.
    """
    wanted = wish(options, take=False)
    here = fresh(folder)
    name = chosen(here.made.profiles, profile)
    assert here.made.project is not None
    project = here.made.project.name
    with docker(name) as engine:
        before = _is_up(engine, project, name)
    findings: list[Finding] = []
    try:
        order = bring(here, name, said(options, model), wanted)
        if not wanted.build_only:
            findings = _verified(order, name)
    finally:
        if not (keep or before or wanted.build_only):
            _take_down(project, name)
    _tell(findings, name, wanted.style)


def _is_up(engine: Engine, project: str, profile: str) -> bool:
    from mmcompose.deploy.observe import observe

    return any(one.alive for one in observe(engine, project, profile))


def _verified(order: Order, name: str) -> list[Finding]:
    from mmcompose.deploy.verify import verify

    with docker(name) as engine:
        return list(verify(engine, order.target, order.root))


def _take_down(project: str, profile: str) -> None:
    from mmcompose.deploy.down import take_down
    from mmcompose.deploy.observe import deployments, observe

    with docker(profile) as engine:
        for one in deployments(observe(engine, project, profile)):
            take_down(engine, one)
            note(f"{profile} is down")


def _tell(findings: list[Finding], name: str, style: str) -> None:
    from dataclasses import asdict

    if style == "json":
        for one in findings:
            say(json.dumps({"event": "answer", "profile": name, **asdict(one)}, ensure_ascii=False))
    else:
        for one in findings:
            say(f"{one.service} at {one.address}: {one.fault or repr(one.answer)} ({one.seconds:.2f} s)")
    if any(one.fault for one in findings):
        fail(f"{name} runs, and does not answer as it should", 4)
