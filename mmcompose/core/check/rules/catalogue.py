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
    """One rule: what it requires of a profile, and why, for readers of docs/rules.md. Rules without a `check` of their
    own are rows of service.py; S30 has none, since rendered.py judges what only a rendered file shows."""

    id: str
    title: str
    asks: str
    why: str
    check: Check | None = None

    def breaches(self, subject: Subject, around: Around) -> Iterator[Breach]:
        return self.check(subject, around) if self.check else rule_service.of_rule(self.id, subject.service)


RULES = (
    Rule("S01", "not privileged",
         "`security.privileged` is not true",
         "such a container can do everything on the host"),
    Rule("S02", "no socket of a container engine",
         "no mount of a socket, nor of a folder in which engines keep theirs: `/run`, `/var/lib/docker` and the like",
         "a program with access to it can start a container that owns the host", partial(paths.of_rule, "S02")),
    Rule("S03", "no namespaces of the host",
         "neither `security.network` nor `security.ipc` is `host`",
         "the service would reach every port and all shared memory of its neighbours"),
    Rule("S04", "no capabilities",
         "`security.cap_drop` holds ALL, and `security.cap_add` is empty",
         "serving a model needs none, and each one helps an attacker"),
    Rule("S05", "no new privileges, filtered system calls",
         "`security.no_new_privileges` is true, and `security.seccomp` is left out",
         "a process under attack gains no rights, and reaches less of the kernel"),
    Rule("S06", "not root",
         "`security.user` is a numeric `uid:gid` that is not 0, or `host`",
         "root in a container is root on every mounted file, and on the host if it breaks out"),
    Rule("S07", "read-only root",
         "`security.read_only` is true",
         "an attacker cannot replace a program that cannot be written"),
    Rule("S08", "no privileged ports",
         "every published port is 1024 or above",
         "lower ports belong to the services of the system", rule_service.low_ports),
    Rule("S09", "a named release",
         "`image` has a tag that is not `latest`, or a digest",
         "so the same files start the same program tomorrow", rule_service.image),
    Rule("S10", "no secret in plain text",
         "no token, key or password in `env`, any kind of arguments, `build.args`, `health.test`, addresses, reasons "
         "or descriptions",
         "profiles and compose files are committed, and every `docker inspect` shows them", secrets.in_plain_text),
    Rule("S12", "limits of memory and processes",
         "`resources.memory` and `resources.pids` are set",
         "a service without a limit can exhaust the host"),
    Rule("S13", "no folders of the system",
         "`mounts` and `weights.path` lead to no folder that belongs to the system, nor to a person's keys",
         "these folders hold the host's secrets and programs", partial(paths.of_rule, "S13")),
    Rule("S15", "a health check with time to load",
         "`health.test` and `health.start_period` are set",
         "without them there is no way to tell when a service is ready, and a slow load would look like a failure"),
    Rule("S16", "a restart policy that can be stopped",
         "`restart` is not `always`",
         "`always` restarts containers that somebody stopped on purpose"),
    Rule("S17", "limits of the log",
         "`logging.max_size` is set",
         "the log of an engine could fill the disk"),
    Rule("S21", "foreign code only pinned and explained",
         "`args.trust_remote_code`, also in `unchecked_args` and `bench_args`, only with `weights.revision` at a "
         "commit and a `why:`",
         "otherwise the repository's next commit would run unread", access.foreign_code),
    Rule("S23", "no published port without a key",
         "`bind` in mmcompose.yaml is a loopback address, or clients must send a key: the secret that the backend's "
         "`probe.secret` names, one whose `secrets.<name>.value_env` is its `probe.key_env`, or one that "
         "`args.api_key_file` names",
         "everybody who can reach the port could use the GPU", access.open_door),
    Rule("S24", "no path outside the project",
         "`mounts` and `weights.path` lead to no place outside the project, but to one below `machine.roots` of the "
         "host file; what is typed on a command line is free",
         "a commit would choose which files of the machine a container sees", partial(paths.of_rule, "S24")),
    Rule("S25", "secrets are files of the project",
         "`secrets.*.file` leads to a file inside the project; links are followed",
         "a commit would choose which file of the machine an engine reads", paths.secret_files),
    Rule("S26", "no mount of the project itself",
         "no mount holds the project's secrets, and none that can be written holds its profiles, templates or "
         "compose files; `machine.models` is written by what fetches weights",
         "a container would read the secrets of all services, or decide what runs next", paths.project_itself),
    Rule("S27", "built from a folder or a pinned commit",
         "`build.context` is a folder under the project, or a git URL with a tag or a commit and without a password; "
         "`build.dockerfile` lies in it",
         "otherwise the next build could be another program, or hold files of the machine", paths.build_contexts),
    Rule("S28", "no devices but those that compute",
         "no device but those of the host file, and none there that is a disk, memory, a keyboard or a terminal",
         "a program that can write to a disk or to memory owns the host", paths.devices),
    Rule("S29", "no groups of the system",
         "neither the group in `security.user` nor one of `machine.groups` is a group of the system, such as root, "
         "disk, shadow, docker or sudo",
         "such groups own secrets and devices that no engine needs", rule_groups.groups),
    Rule("S30", "templates write only what rules can judge",
         "templates of the project's own write only keys that the other rules judge, and no variable of the shell",
         "a template can write anything, and a key that no rule judges would pass unseen"),
)  # fmt: skip


def check(subject: Subject, around: Around) -> Iterator[Problem]:
    tree = subject.tree
    waived = {waiver.rule for waiver in subject.service.waivers}
    for rule in RULES:
        findings = list(rule.breaches(subject, around))
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
    for rule_id in sorted(waived - titles().keys()):
        at, hint = _waiver(tree, rule_id), f"known: {', '.join(titles())}"
        yield Problem(at.place, "waivers", f"there is no rule {rule_id}", hint, "waiver")


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
