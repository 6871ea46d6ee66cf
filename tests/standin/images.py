"""The images of the stand-ins: one small base, and on it each engine's own program names at the release it plays."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import google.protobuf

from tests.bed import images, pins
from tests.bed.recipes import Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.bed.engine import Engine

ROOT = Path(__file__).resolve().parents[2]
BASE = Recipe(
    "mmcompose-bed/standin-base:1",
    pins.HOST_SUITE,
    ("python3", "curl"),
    ("ln -s /usr/bin/python3 /usr/local/bin/python",),
)

PROGRAM = '#!/usr/bin/python3 -B\nfrom standin.main import main\n\nmain("{}")\n'

PROGRAMS: Mapping[str, str] = {
    "vllm": "usr/local/bin/vllm",
    "trtllm": "usr/local/bin/trtllm-serve",
    "llamacpp": "app/llama-server",
    "ik_llama": "app/llama-server",
    "ovms": "ovms/bin/ovms",
    "sglang": "opt/standin/sglang/launch_server.py",
    "rapidocr": "opt/standin/ocr_service/__main__.py",
    "sam3": "opt/standin/sam3_service/__main__.py",
    "zoo": "opt/standin/zoo_service/__main__.py",
}
"""Where each engine's image has what its service starts. An image has only its own, as the real ones do."""

DOCKERFILE = f"""\
FROM {BASE.tag}
COPY common /opt/standin
COPY own /
ENV PYTHONPATH=/opt/standin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \\
    PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION=python STANDIN_VERSION={{version}}
LABEL mmcompose.test-double="plays {{backend}} {{version}}; no model runs in it"
"""


def tag(backend: str, version: str) -> str:
    plain = "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in version or "none")
    return f"mmcompose-bed/standin-{backend.replace('_', '-')}:{plain[:100]}"


def ensure(engine: Engine, backend: str, version: str, *, first: Engine | None = None) -> str:
    """Have the stand-in on the engine. The base is made on `first` and copied; the rest is built where it runs."""
    maker = first or engine
    images.make(maker, BASE)
    if maker != engine:
        images.share(BASE.tag, maker, engine)
    made = tag(backend, version)
    with tempfile.TemporaryDirectory(prefix="mmcompose-standin-") as folder:
        context = Path(folder)
        lay_out(context, backend)
        (context / "Dockerfile").write_text(DOCKERFILE.format(backend=backend, version=version))
        images.build(context, made, engine=engine)
    return made


def lay_out(context: Path, backend: str) -> None:
    """The build context. `common` is the same for all engines, so that they share its layer."""
    common, own = context / "common", context / "own"
    copy(Path(__file__).parent / "image/standin", common / "standin")
    for room in ("model", "engines"):
        copy(ROOT / "mmcompose" / room, common / "mmcompose" / room)
    shutil.copy(ROOT / "mmcompose/__init__.py", common / "mmcompose/__init__.py")
    copy(Path(google.protobuf.__file__).parent, common / "google/protobuf")
    for service, package in (("rapidocr", "ocr_service"), ("sam3", "sam3_service"), ("zoo", "zoo_service")):
        parsers = common / "services" / package
        parsers.mkdir(parents=True)
        shutil.copy(ROOT / "services" / service / "app" / package / "settings.py", parsers / "settings.py")
    kit = common / "services/service_kit"
    kit.mkdir()
    shutil.copy(ROOT / "services/kit/service_kit/flags.py", kit / "flags.py")
    program = own / PROGRAMS[backend]
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM.format(backend))
    for path in (*context.rglob("*"), program):
        path.chmod(0o755 if path.is_dir() or path == program else 0o644)
        os.utime(path, (0, 0))


def copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyc"))
