"""Explains each hardening rule to readers of docs/rules.md: what it requires of a profile, and why."""

from __future__ import annotations

from typing import NamedTuple


class Wording(NamedTuple):
    asks: str
    why: str


WORDINGS = {
    "S01": Wording(
        "`security.privileged` is not true",
        "such a container can do everything on the host",
    ),
    "S02": Wording(
        "no mount of a socket, nor of a folder in which engines keep theirs: `/run`, `/var/lib/docker` and the like",
        "a program with access to it can start a container that owns the host",
    ),
    "S03": Wording(
        "neither `security.network` nor `security.ipc` is `host`",
        "the service would reach every port and all shared memory of its neighbours",
    ),
    "S04": Wording(
        "`security.cap_drop` holds ALL, and `security.cap_add` is empty",
        "serving a model needs none, and each one helps an attacker",
    ),
    "S05": Wording(
        "`security.no_new_privileges` is true, and `security.seccomp` is left out",
        "a process under attack gains no rights, and reaches less of the kernel",
    ),
    "S06": Wording(
        "`security.user` is a numeric `uid:gid` that is not 0, or `host`",
        "root in a container is root on every mounted file, and on the host if it breaks out",
    ),
    "S07": Wording(
        "`security.read_only` is true",
        "an attacker cannot replace a program that cannot be written",
    ),
    "S08": Wording(
        "every published port is 1024 or above",
        "lower ports belong to the services of the system",
    ),
    "S09": Wording(
        "`image` has a tag that is not `latest`, or a digest",
        "so the same files start the same program tomorrow",
    ),
    "S10": Wording(
        "no token, key or password in `env`, any kind of arguments, `build.args`, `health.test`, addresses, reasons or "
        "descriptions",
        "profiles and compose files are committed, and every `docker inspect` shows them",
    ),
    "S12": Wording(
        "`resources.memory` and `resources.pids` are set",
        "a service without a limit can exhaust the host",
    ),
    "S13": Wording(
        "`mounts` and `weights.path` lead to no folder that belongs to the system, nor to a person's keys",
        "these folders hold the host's secrets and programs",
    ),
    "S15": Wording(
        "`health.test` and `health.start_period` are set",
        "without them there is no way to tell when a service is ready, and a slow load would look like a failure",
    ),
    "S16": Wording(
        "`restart` is not `always`",
        "`always` restarts containers that somebody stopped on purpose",
    ),
    "S17": Wording(
        "`logging.max_size` is set",
        "the log of an engine could fill the disk",
    ),
    "S21": Wording(
        "`args.trust_remote_code`, also in `unchecked_args` and `bench_args`, only with `weights.revision` at a commit "
        "and a `why:`",
        "otherwise the repository's next commit would run unread",
    ),
    "S23": Wording(
        "`bind` in mmcompose.yaml is a loopback address, or clients must send a key: the secret that the backend's "
        "`probe.secret` names, one whose `secrets.<name>.value_env` is its `probe.key_env`, "
        "or one that `args.api_key_file` names",
        "everybody who can reach the port could use the GPU",
    ),
    "S24": Wording(
        "`mounts` and `weights.path` lead to no place outside the project, but to one below `machine.roots` of the "
        "host file; what is typed on a command line is free",
        "a commit would choose which files of the machine a container sees",
    ),
    "S25": Wording(
        "`secrets.*.file` leads to a file inside the project; links are followed",
        "a commit would choose which file of the machine an engine reads",
    ),
    "S26": Wording(
        "no mount holds the project's secrets, and none that can be written holds its profiles, templates or "
        "compose files",
        "a container would read the secrets of all services, or decide what runs next",
    ),
    "S27": Wording(
        "`build.context` is a folder under the project, or a git URL with a tag or a commit and without a password; "
        "`build.dockerfile` lies in it",
        "otherwise the next build could be another program, or hold files of the machine",
    ),
    "S28": Wording(
        "no device but those of the host file, and none there that is a disk, memory, a keyboard or a terminal",
        "a program that can write to a disk or to memory owns the host",
    ),
    "S29": Wording(
        "neither the group in `security.user` nor one of `machine.groups` is a group of the system, such as "
        "root, disk, shadow, docker or sudo",
        "such groups own secrets and devices that no engine needs",
    ),
    "S30": Wording(
        "templates of the project's own write only keys that the other rules judge, and no variable of the shell",
        "a template can write anything, and a key that no rule judges would pass unseen",
    ),
}
