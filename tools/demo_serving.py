"""The second half of `make demo`: an engine, the OCR profile that needs no GPU, one receipt read, all taken down."""

from __future__ import annotations

import base64
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the test bed knows how to get an engine and base images

if TYPE_CHECKING:
    from tests.bed.engine import Engine

PROJECT, PROFILE = "mm", "ocr-cpu"
RECEIPT = ROOT / "benchmarks" / "receipts" / "receipt-1.jpg"
MMCOMPOSE = Path(sys.executable).with_name("mmcompose")


class ServingError(Exception):
    """One sentence for the reader."""


def serve() -> None:
    """Bring the profile up, read a receipt, take it down. Says in one line what is missing where it cannot."""
    from tests.bed import place
    from tests.bed.commands import BedError

    try:
        engine = engine_or_none()
        if engine is None:
            return
        built(engine)
        # Two demos at once would take each other's container down.
        with place.only_one("demo"):
            show(engine)
    except BedError as broken:
        raise ServingError(str(broken)) from broken


def show(engine: Engine) -> None:
    """Serves a profile for the demo; profiles that were up before stay up."""
    before, at = is_up(engine), port()
    other = [] if before or free(at) else ["--set", f"ports.api={(at := another_port())}"]
    began = time.monotonic()
    if mmcompose(engine, "up", PROFILE, *other):
        raise ServingError(f"{PROFILE} did not come up; what it said stands above")
    try:
        ready = time.monotonic()
        text = read(RECEIPT, at)
        print(f"\n── What it read in {RECEIPT.relative_to(ROOT)}\n{text}\n")
        print(f"up after {ready - began:.1f} s, read in {time.monotonic() - ready:.1f} s")
    finally:
        if not before:
            mmcompose(engine, "down", PROFILE)


def is_up(engine: Engine) -> bool:
    listed = subprocess.run(
        [MMCOMPOSE, "status", "--format", "json"], cwd=ROOT, check=False, env=engine.environment(), capture_output=True
    )
    rows = json.loads(listed.stdout) if listed.returncode == 0 else []
    return any(row["profile"] == PROFILE and row["phase"] != "down" for row in rows if row["project"] == PROJECT)


def free(at: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", at))
        except OSError:
            return False
        return True


def another_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def engine_or_none() -> Engine | None:
    from tests.bed.commands import NotHereError
    from tests.bed.engine import ensure

    try:
        return ensure()
    except NotHereError as missing:
        print(f"\n── Not started: {missing}.")
        print("   With a Docker Engine and its Compose plugin, `make demo` goes on from here.")
        return None


def built(engine: Engine) -> None:
    """The service's own image: where its base cannot be pulled it is built on one made from Debian's packages, which
    has a name of its own."""
    from tests.bed import images, labels

    tag = image()
    print(f"\n── The image {tag}", flush=True)
    images.ensure(engine, ["python"])
    if labels.image_id(engine, tag):
        print("is here already")
    else:
        print("is built (the first time takes a minute)", flush=True)
        images.build(ROOT / "compose" / "build" / "rapidocr", tag, engine=engine)


def image() -> str:
    text = (ROOT / "compose" / f"{PROFILE}.yaml").read_text("utf-8")
    found = re.search(r'^    image: "(mmcompose/rapidocr:[0-9a-z]+)"', text, re.MULTILINE)
    if not found:
        raise ServingError(f"compose/{PROFILE}.yaml names no image that is built here")
    return found[1]


def mmcompose(engine: Engine, *arguments: str) -> int:
    print(f"\n$ mmcompose {' '.join(arguments)}", flush=True)
    return subprocess.run([MMCOMPOSE, *arguments], cwd=ROOT, check=False, env=engine.environment()).returncode


def port() -> int:
    lock = json.loads((ROOT / "compose" / "mmcompose.lock").read_text("utf-8"))
    return int(lock["seats"][PROFILE][PROFILE]["ports"]["api"])


def read(image: Path, at: int) -> str:
    url = "data:image/jpeg;base64," + base64.b64encode(image.read_bytes()).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}]
    body = json.dumps({"model": "pp-ocrv6-small", "messages": [{"role": "user", "content": content}]}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{at}/v1/chat/completions", body, {"content-type": "application/json"}
    )
    # No proxy of the shell may stand between us and a port of this machine.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=120) as answer:
            text: str = json.load(answer)["choices"][0]["message"]["content"]
    except (OSError, ValueError, LookupError) as error:
        raise ServingError(f"{PROFILE} is up, and did not read {image.name}: {error}") from error
    return text
