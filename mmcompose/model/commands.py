"""The commands: their lines of help, which of them start something, and the names that they keep to themselves."""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """One command. `room` is its folder in `cli/`, `module` its file there where that has another name, and behind a
    colon its name in there, if that is not `command`.

    `starts`: it starts something, waits for it, and reports events with `--format json`. `of_project`: it is about the
    project at hand, so that a message which names it also names the project.
    """

    text: str
    room: str = "project"
    module: str = ""
    starts: bool = False
    of_project: bool = True


def _running(text: str, module: str = "", *, starts: bool = False) -> Command:
    return Command(text, "lifecycle", module, starts=starts)


COMMANDS = {
    "init": Command("Start a project with the shipped profiles.", of_project=False),
    "list": Command("List profiles, hosts, backends and models."),
    "validate": Command("Check every profile; all problems at once."),
    "explain": Command("Show where a value comes from, and why."),
    "render": Command("Write the compose files."),
    "up": _running("Bring profiles up, and wait until they answer.", "start:up", starts=True),
    "switch": _running("Hand the GPU over to a profile, and back if it fails.", "start:switch", starts=True),
    "serve": _running("Serve a model that has no profile, until Ctrl-C.", starts=True),
    "down": _running("Take profiles down.", "down:down"),
    "stop-all": _running("Take everything down.", "down:stop_all"),
    "restart": _running("Restart profiles as they are, and wait until they answer.", starts=True),
    "pull": _running("Get the images of profiles; start nothing.", "start:pull", starts=True),
    "status": _running("Show the profiles that are up, and their GPUs; also called ps."),
    "logs": _running("Show what the containers of profiles print."),
    "test": _running("Bring a profile up, test its answer, take it down.", starts=True),
    "doctor": Command("Check that this machine can run the profiles; each finding with its fix."),
    "models": Command("Get, check and remove models; they lie once for all profiles.", "models", "group"),
    "hosts": Command("Describe this machine as a host file."),
    "upgrade": Command("Show what another release of an engine would break, and edit the profiles."),
    "bench": Command("Measure profiles, and keep the results; also called benchmark.", "bench", "group"),
    "eval": Command("Score the answers of profiles.", "eval", "group"),
    "import": Command("Turn Compose files, docker run commands and the like into profiles.", module="import_"),
    "schema": Command("Print the JSON Schema of a kind of file.", of_project=False),
    "engines": Command("Show the flags of each engine's releases.", "engines", "group", of_project=False),
    "ovms": Command("Check graphs and configurations of OpenVINO Model Server."),
    "completion": Command("Print the completion script of a shell.", of_project=False),
}
"""The texts stand here so that help loads no command."""

ALIASES = {"ps": "status", "benchmark": "bench"}

SHORT_NAMES = ("ocr", "sam3")
"""The families with a short name in a project that declares none."""


def of_family(family: str) -> Command:
    """The command of a family's short name, such as `mmcompose ocr`."""
    text = f"Short for switch, among the profiles {family} and {family}-*."
    return _running(text, "start:short", starts=True)


def in_family(name: str, family: str) -> bool:
    """`ocr` and `ocr-deepseek` are of the family `ocr`."""
    return name == family or name.startswith(f"{family}-")


def starts(name: str) -> bool:
    """A name that no command has is a project's short name."""
    return COMMANDS[name].starts if name in COMMANDS else name not in ALIASES
