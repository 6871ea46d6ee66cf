"""Runs the tests that need no Docker against the oldest runtime dependencies that pyproject.toml allows.

The environment is `.venv-lowest`.
`make test` shows that the newest versions work; this shows that the lower bounds are true.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv" / "bin" / "uv"
VENV = ROOT / ".venv-lowest"


def uv(*arguments: str | Path) -> None:
    subprocess.run([UV, *arguments], cwd=ROOT, check=True)


def main() -> int:
    python, oldest = VENV / "bin" / "python", VENV / "oldest.txt"
    install = ("pip", "install", "--quiet", "--python", python)
    try:
        uv("venv", "--quiet", "--clear", "--python", sys.executable, VENV)
        uv("pip", "compile", "--quiet", "--resolution", "lowest-direct", "pyproject.toml", "--output-file", oldest)
        uv(*install, "--constraint", oldest, "--editable", ".", "--group", "dev")
    except subprocess.CalledProcessError as error:
        print(f"test-lowest: {error}", file=sys.stderr)
        return 1
    tests = [str(python), "-m", "pytest", "-m", "not heavy and not docker", *sys.argv[1:]]
    return subprocess.run(tests, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
