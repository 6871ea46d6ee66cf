"""Our own services: their real command-line parsers, without what they need to serve."""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path
from typing import Any

from .line import Line

PACKAGES = {"rapidocr": "ocr_service", "sam3": "sam3_service", "zoo": "zoo_service"}
PARSERS = Path(__file__).resolve().parents[1] / "services"


def read(name: str, words: list[str], parsers: Path = PARSERS, kits: Path = PARSERS) -> Line:
    """`settings.py` is the service's own, `flags.py` the kit's; only the one number that comes from uploads is lent."""
    own = f"service_{name}"
    package, kit = types.ModuleType(own), types.ModuleType("service_kit")
    package.__path__, kit.__path__ = [str(parsers / PACKAGES[name])], [str(kits / "service_kit")]
    uploads: Any = types.ModuleType("service_kit.uploads")
    uploads.body_limit = lambda most: most
    sys.modules |= {own: package, "service_kit": kit, "service_kit.uploads": uploads}
    settings = importlib.import_module(f"{own}.settings").parse(words)
    given = {key: value for key, value in vars(settings).items() if value is not None}
    return Line(values={key: [str(value)] for key, value in given.items()})


def token_fault(line: Line) -> str:
    path = line.first("hf_token_file")
    if not path:
        return ""
    try:
        token = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        return f"the token file {path} cannot be read: {error}"
    return "" if token else f"the token file {path} is empty"
