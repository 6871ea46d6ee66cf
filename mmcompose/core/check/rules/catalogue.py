"""The hardening rules, one row each. A service that breaks one needs a waiver with a reason and a date.

The numbers are ours; the rules follow container benchmarks and linters that people run on compose files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import NamedTuple

from mmcompose.core.check.rules import access, paths, secrets
from mmcompose.core.check.rules import groups as rule_groups
from mmcompose.core.check.rules import service as rule_service
from mmcompose.core.place.subject import Around, Breach, Subject, subjects
from mmcompose.model import Problem, Profile, Setting

Check = Callable[[Subject, Around], Iterator[Breach]]


class Rule(NamedTuple):
    id: str
    title: str
    check: Check


def _of_templates(_: Subject, _around: Around) -> Iterator[Breach]:
    """Yields nothing: rendered.py judges what only a rendered file shows."""
    return iter(())


RULES = (
    Rule("S01", "not privileged", rule_service.privileged),
    Rule("S02", "no socket of a container engine", partial(paths.of_rule, "S02")),
    Rule("S03", "no namespaces of the host", rule_service.host_namespaces),
    Rule("S04", "no capabilities", rule_service.capabilities),
    Rule("S05", "no new privileges, filtered system calls", rule_service.privileges),
    Rule("S06", "not root", rule_service.root),
    Rule("S07", "read-only root", rule_service.writable),
    Rule("S08", "no privileged ports", rule_service.low_ports),
    Rule("S09", "a named release", rule_service.image),
    Rule("S10", "no secret in plain text", secrets.in_plain_text),
    Rule("S12", "limits of memory and processes", rule_service.limits),
    Rule("S13", "no folders of the system", partial(paths.of_rule, "S13")),
    Rule("S15", "a health check with time to load", rule_service.health),
    Rule("S16", "a restart policy that can be stopped", rule_service.restart),
    Rule("S17", "limits of the log", rule_service.log_limits),
    Rule("S21", "foreign code only pinned and explained", access.foreign_code),
    Rule("S23", "no published port without a key", access.open_door),
    Rule("S24", "no path outside the project", partial(paths.of_rule, "S24")),
    Rule("S25", "secrets are files of the project", paths.secret_files),
    Rule("S26", "no mount of the project itself", paths.project_itself),
    Rule("S27", "built from a folder or a pinned commit", paths.build_contexts),
    Rule("S28", "no devices but those that compute", paths.devices),
    Rule("S29", "no groups of the system", rule_groups.groups),
    Rule("S30", "templates write only what rules can judge", _of_templates),
)


def check(subject: Subject, around: Around) -> Iterator[Problem]:
    tree = subject.tree
    waived = {waiver.rule for waiver in subject.service.waivers}
    for rule in RULES:
        findings = list(rule.check(subject, around))
        if rule.id in waived:
            if not findings and subject.engine.name not in around.templated:
                at = _waiver(tree, rule.id)
                message = f"this service does not break {rule.id}"
                yield Problem(at.place, "waivers", message, "remove the waiver", rule.id, "warning")
            continue
        for path, message, hint in findings:
            waiver = f"{hint}; or waive {rule.id} with a reason and a date" if hint else f"or waive {rule.id}"
            problem = subject.problem(path, message, waiver, rule.id)
            yield problem._replace(origin=subject.of_host(path, around.hosts) or problem.origin)
    known = {rule.id for rule in RULES}
    for rule_id in sorted(waived - known):
        yield Problem(
            _waiver(tree, rule_id).place,
            "waivers",
            f"there is no rule {rule_id}",
            f"known: {', '.join(sorted(known))}",
            "waiver",
        )


def expired(profile: Profile, today: str) -> Iterator[Problem]:
    """Yields waivers whose date has passed. Only `validate` and `--check` call this: a render depends on no date."""
    for subject in subjects([profile]):
        for waiver in subject.service.waivers:
            if waiver.until < today:
                at = _waiver(subject.tree, waiver.rule)
                message = f"the waiver of {waiver.rule} ended on {waiver.until}"
                yield Problem(at.place, "waivers", message, f"judge it again: {waiver.reason}", "waiver.expired")


def _waiver(tree: Setting, rule: str) -> Setting:
    waivers = tree.present(("waivers",))
    for item in waivers.value if waivers else ():
        if item.value["rule"].value == rule:
            return item  # type: ignore[no-any-return]  # a Setting's value is data of any shape
    return tree


@cache
def titles() -> Mapping[str, str]:
    return {rule.id: rule.title for rule in RULES}
