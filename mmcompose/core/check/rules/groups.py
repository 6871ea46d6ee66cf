"""Finds groups of the host that own more than a device: a member can read or write what belongs to others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mmcompose.core.place.subject import Around, Breach, Subject
from mmcompose.model import Path

NUMBERS: Mapping[int, str] = {
    0: "root", 3: "sys", 4: "adm", 5: "tty", 6: "disk", 9: "kmem", 10: "wheel", 15: "kmem", 27: "sudo", 34: "backup",
    37: "operator", 42: "shadow",
}  # fmt: skip
"""The numbers of system groups on Debian, Red Hat and Alpine; other numbers differ from machine to machine."""
NAMES = frozenset({
    *NUMBERS.values(), "daemon", "bin", "admin", "docker", "podman", "containerd", "crio", "lxd", "incus", "libvirt",
    "libvirt-qemu", "staff", "src", "mail", "utmp", "tape", "systemd-journal", "systemd-network", "ssl-cert",
    "ssh_keys", "_ssh", "input", "uinput", "netdev", "wireshark", "messagebus", "polkitd",
})  # fmt: skip
_OF_GPUS = ("render", "video")


def groups(subject: Subject, _around: Around) -> Iterator[Breach]:
    host, user = subject.profile.host, subject.service.security.user
    uid, _, gid = (user or "").partition(":")
    if gid and int(uid) and (name := NUMBERS.get(int(gid))):
        mine = (int(uid), int(gid)) == (host.uid, host.gid)
        path: Path = ("machine", "gid") if mine else ("security", "user")
        yield path, f"group {int(gid)} is {name}, which owns more than this service needs", "name a group of its own"
    for name, number in host.groups.items():
        path = ("machine", "groups", name)
        # Alpine's video has the number that is Debian's sudo.
        known = "" if name in _OF_GPUS and number == 27 else NUMBERS.get(number, "")
        if name in NAMES or known:
            message = f"group {known or name} owns more than the host's devices"
            yield path, message, "name the group that owns the device: `stat -c '%G %g' /dev/dri/renderD128`"
