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
        "whoever holds it can start a container that owns the host",
    ),
    "S03": Wording(
        "neither `security.network` nor `security.ipc` is `host`",
        "a service would reach every port and all shared memory of its neighbours",
    ),
    "S04": Wording(
        "`security.cap_drop` holds ALL, and `security.cap_add` is empty",
        "serving a model needs none, and an attacker would use each",
    ),
    "S05": Wording(
        "`security.no_new_privileges` is true, and `security.seccomp` is left out",
        "a process that was taken over stays what it was, and sees less of the kernel",
    ),
    "S06": Wording(
        "`security.user` is a numeric `uid:gid` that is not 0, or `host`",
        "root in a container is root on the host once it breaks out, and on every file that it mounts",
    ),
    "S07": Wording(
        "`security.read_only` is true",
        "what cannot be written cannot be replaced by somebody else's program",
    ),
    "S08": Wording(
        "every published port is 1024 or above",
        "ports below belong to the services of the system",
    ),
    "S09": Wording(
        "`image` has a tag that is not `latest`, or a digest",
        "the same files start the same program tomorrow",
    ),
    "S10": Wording(
        "no token, key or password in `env`, any kind of arguments, `build.args`, `health.test`, addresses, reasons or "
        "descriptions",
        "profiles and compose files are committed, and every `docker inspect` shows them",
    ),
    "S12": Wording(
        "`resources.memory` and `resources.pids` are set",
        "a model that runs away takes the host with it",
    ),
    "S13": Wording(
        "`mounts` and `weights.path` lead to no folder that belongs to the system, nor to a person's keys",
        "its files are the host's secrets and programs",
    ),
    "S15": Wording(
        "`health.test` and `health.start_period` are set",
        "nobody could tell when a service is ready, and a slow load would look like a failure",
    ),
    "S16": Wording(
        "`restart` is not `always`",
        "it brings back what somebody stopped on purpose",
    ),
    "S17": Wording(
        "`logging.max_size` is set",
        "an engine that talks fills the disk",
    ),
    "S21": Wording(
        "`args.trust_remote_code`, also in `unchecked_args` and `bench_args`, only with `weights.revision` at a commit "
        "and a `why:`",
        "the repository's next commit would run unread, where the model's files lie",
    ),
    "S23": Wording(
        "`bind` in mmcompose.yaml is a loopback address, or clients must send a key: the secret that the backend's "
        "`probe.secret` names, one whose `secrets.<name>.value_env` is its `probe.key_env`, "
        "or one that `args.api_key_file` names",
        "everybody who reaches the port could use the GPU",
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
        "what is built would be another program tomorrow, or hold files of the machine",
    ),
    "S28": Wording(
        "no device but those of the host file, and none there that is a disk, memory, a keyboard or a terminal",
        "whoever writes to a disk or to memory owns the host",
    ),
    "S29": Wording(
        "neither the group in `security.user` nor one of `machine.groups` is a group of the system, such as "
        "root, disk, shadow, docker or sudo",
        "they own secrets and devices that no engine needs",
    ),
    "S30": Wording(
        "templates of the project's own write only keys that the other rules judge, and no variable of the shell",
        "a template may write anything, so what nobody judges would stand in the file unseen",
    ),
}
