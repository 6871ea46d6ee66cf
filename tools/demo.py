"""`make demo`: renders the shipped profiles, lets real Compose judge the result, and shows what came out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script is started with its own folder on the path, not the project
from tools.demo_serving import ServingError, serve  # noqa: E402

BIN = Path(sys.executable).parent
TOUR = (
    ("The profiles that are shipped", ("list",)),
    ("Every file is checked: keys, engine flags at the pinned version, placement, rules", ("validate",)),
    ("The compose files are rendered; what is up to date is left alone", ("render",)),
)
EXPLAINED = ("explain", "ocr", "args.max_num_batched_tokens")
SHOWN = ROOT / "compose" / "ocr.yaml"
LINES = 60


class DemoError(Exception):
    """One sentence for the reader."""


def main() -> int:
    try:
        warn()
        for title, arguments in TOUR:
            step(title, arguments)
        judge()
        show()
        step("Where a value comes from, and why", EXPLAINED)
        serve()
    except (DemoError, ServingError) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: interrupted; make undo takes back what was set up", file=sys.stderr)
        return 130
    lend()
    return 0


def warn() -> None:
    """Before anything is done, list what will be touched outside the checkout."""
    from tests.bed import announce, engine
    from tests.bed.commands import BedError

    try:
        if not engine.find():
            announce.first(engine=True)
    except BedError:
        return  # nothing will be set up; the second half says why


def lend() -> None:
    """The last lines: what to type so that this shell has mmcompose, and the engine that was set up."""
    from tests.bed import shell

    given = "mmcompose, docker, its Compose and that engine" if shell.is_the_beds() else "mmcompose"
    print(f"\nNext, give {given} to this shell, and start a project of your own:\n")
    print('  eval "$(.venv/bin/python -m tests.bed env)"')
    print("  mmcompose init ~/models")


def step(title: str, arguments: tuple[str, ...]) -> None:
    print(f"\n── {title}\n$ mmcompose {' '.join(arguments)}", flush=True)
    code = subprocess.run([BIN / "mmcompose", *arguments], cwd=ROOT, check=False).returncode
    if code:
        raise DemoError(f"mmcompose {arguments[0]} ended with {code}")


def judge() -> None:
    """Compose needs no running Docker to read a file, so this works on a laptop without one."""
    compose, version = find_compose()
    if not compose:
        print("\n── Real Compose is not installed here; its judgement is skipped")
        return
    profiles = sorted(path.stem for path in (ROOT / "compose").glob("*.yaml"))
    print(f"\n── {version} reads every file, alone and through compose.yaml", flush=True)
    for profile in profiles:
        for arguments in (("-f", f"compose/{profile}.yaml"), ("--profile", profile)):
            command = [*compose, *arguments, "config", "--quiet"]
            result = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
            if result.returncode:
                raise DemoError(f"{' '.join(command)}: {result.stderr.strip()}")
    print(f"fine: {', '.join(profiles)}")


def find_compose() -> tuple[list[str], str]:
    candidates = [[docker, "compose"]] if (docker := shutil.which("docker")) else []
    for command in (*candidates, [str(BIN / "docker-compose")]):
        if shutil.which(command[0]):
            answer = subprocess.run([*command, "version"], check=False, capture_output=True, text=True)
            if answer.returncode == 0:
                return command, answer.stdout.strip()
    return [], ""


def show() -> None:
    print(f"\n── What came out: the first lines of {SHOWN.relative_to(ROOT)}")
    with SHOWN.open(encoding="utf-8") as text:
        print("".join(islice(text, LINES)), end="")
    print("  …")


if __name__ == "__main__":
    sys.exit(main())
