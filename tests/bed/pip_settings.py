"""How this machine's pip downloads, told to image builds without naming any index here.

Two build secrets carry it: ``pipconf`` (a pip.conf) and ``ca`` (a bundle of certificates, at its usual place
``/run/secrets/ca``). A Dockerfile may mount them, ``required=false``; without them it builds with pip's own defaults.
"""

from __future__ import annotations

import ast
import os
import shutil
import sys
from functools import cache
from pathlib import Path

from tests.bed import place
from tests.bed.commands import BedError, run

TRAVELS = ("index-url", "extra-index-url", "find-links", "trusted-host", "proxy", "timeout", "default-timeout")
CA_INSIDE = "/run/secrets/ca"
CA_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@cache
def pip() -> tuple[str, ...]:
    """A pip that runs; a virtual environment made without one borrows the machine's."""
    for command in ((sys.executable, "-m", "pip"), ("pip",), ("pip3",), ("/usr/bin/python3", "-m", "pip")):
        if shutil.which(command[0]):
            try:
                run(*command, "--version")
            except BedError:
                continue
            return command
    raise BedError("no pip to download with: apt-get install python3-pip, or python -m ensurepip")


@cache
def effective() -> dict[str, str]:
    """pip's settings from all its files and variables, the variables last."""
    try:
        listed = run(*pip(), "config", "list").splitlines()
    except BedError:
        return {}
    settings: dict[str, str] = {}
    for line in sorted(listed, key=lambda line: line.startswith(":env:")):
        name, found, value = line.partition("=")
        if found and name.startswith(("global.", ":env:.")):
            settings[name.partition(".")[2]] = str(ast.literal_eval(value))
    return settings


def certificates() -> Path | None:
    """The bundle that this machine was told to trust, when it was told."""
    candidates = [effective().get("cert"), *map(os.environ.get, CA_VARIABLES)]
    return next((Path(found) for found in candidates if found and Path(found).is_file()), None)


def for_containers(certificate: str = CA_INSIDE, *, with_passwords: bool = True) -> str:
    """A pip.conf that works inside a container: what points into this machine's own folders stays behind."""
    lines = ["[global]"]
    for name in TRAVELS:
        arguments = effective().get(name, "").split()
        kept = [term for term in arguments if not term.startswith(("file:", "/", "."))]
        kept = [term for term in kept if with_passwords or "@" not in term]
        if kept:
            lines.append(f"{name.removeprefix('default-')} = {' '.join(kept)}")
    if certificates():
        lines.append(f"cert = {certificate}")
    return "\n".join(lines) + "\n"


def secrets() -> dict[str, Path]:
    """Build secrets by their id."""
    conf = place.folder("pip") / "pip.conf"
    half = conf.with_name(f"pip.conf.{os.getpid()}")
    half.write_text(for_containers())
    half.chmod(0o600)
    half.rename(conf)
    bundle = certificates()
    return {"pipconf": conf, **({"ca": bundle} if bundle else {})}
