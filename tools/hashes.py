"""Part of `make lock`: writes the hashes behind the pins of the services' images again; the pins stay as they are.

To move a pin, edit its version in services/<service>/requirements*.txt and run `make lock`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv" / "bin" / "uv"
PYTHONS = {"eval": "3.11", "rapidocr": "3.11", "sam3": "3.12", "zoo": "3.12"}
"""Service → the Python of its Dockerfile."""


def hashed(path: Path, python: str) -> str:
    """The file as it should be: its own comments, then each pin with the hashes of every file of that version."""
    comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
    # What is not named here is not installed: the Dockerfiles say --no-deps too.
    options = ("--no-deps", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url")
    command = [str(UV), "pip", "compile", "--quiet", *options, "--no-emit-find-links", "--python-version", python]
    platform = ("--python-platform", "x86_64-manylinux_2_28")
    done = subprocess.run([*command, *platform, str(path)], check=True, capture_output=True, text=True)
    return "\n".join([*comments, done.stdout])


def main() -> int:
    for service, python in PYTHONS.items():
        for path in sorted((ROOT / "services" / service).glob("requirements*.txt")):
            try:
                path.write_text(hashed(path, python))
            except subprocess.CalledProcessError as error:
                print(f"lock: {path.relative_to(ROOT)}: {error.stderr.strip()}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
