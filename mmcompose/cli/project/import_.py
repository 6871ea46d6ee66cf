"""`mmcompose import`: other programs' files in, profiles and a report out."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.printing.output import fail, note, report, say
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.groups import Helpful
from mmcompose.cli.shell.here import compiled, root
from mmcompose.cli.shell.options import printed_as

if TYPE_CHECKING:
    from mmcompose.core.imports.ground import ImportGround
    from mmcompose.core.imports.result import Decision, Imported
    from mmcompose.core.imports.sources.found import Findings

    Reader = Callable[[str, bytes, Mapping[str, str]], Findings]

LARGEST = 1 << 20
_SCHEMAS = ("profiles/.schema", "mmcompose/core/schema")
"""Where a project, or mmcompose itself, has its JSON Schemas."""


@click.group("import", cls=Helpful)
def command() -> None:
    """Turn the files of other programs into profiles.

    Each command writes profiles, and reports every key that no profile has and every flag that the pinned engine does
    not know, with its line in the source. Comments are not imported.
    """


def importing(function: Callable[..., None]) -> Callable[..., None]:
    """The options that all importers share."""
    decorators: list[Callable[[Any], Any]] = [
        click.pass_obj,
        click.option(
            "--name", callback=named, help="The name of the profile; of several, the beginning of their names."
        ),
        click.option(
            "--only", multiple=True, metavar="NAME", help="Import what the source calls so, and nothing else."
        ),
        click.option("--backend", callback=named, help="The backend, where the source does not show the engine."),
        click.option("--host", callback=named, help="The host of the profiles."),
        click.option("--dry-run", is_flag=True, help="Print the files; write nothing."),
        click.option("--force", is_flag=True, help="Overwrite files that exist."),
        printed_as("text", "json", "github"),
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


@command.command("compose")
@click.argument("file", type=click.Path())
@importing
def compose(folder: str, file: str, **options: Any) -> None:
    """Import the engines of a Compose FILE.

    Variables take their defaults: the environment and .env are not read.

    \b
    mmcompose import compose docker-compose.yml --dry-run
    mmcompose import compose docker-compose.yml --only vllm --name chat
    """
    from mmcompose.core.imports.sources.compose import read

    _import_file(folder, file, "compose", read, options)


@command.command("run", context_settings={"ignore_unknown_options": False})
@click.argument("line", nargs=-1, required=True, metavar="COMMAND...")
@importing
def run(folder: str, line: tuple[str, ...], **options: Any) -> None:
    """Import a `docker run` COMMAND, in quotes or behind `--`.

    \b
    mmcompose import run 'docker run --gpus all -p 8000:8000 vllm/vllm-openai:v0.24.0 --model zai-org/GLM-OCR'
    mmcompose import run --name chat -- docker run ghcr.io/ggml-org/llama.cpp:server-b9603 -hf owner/name
    """
    from mmcompose.core.imports.sources import lines

    text = line[0] if len(line) == 1 else shlex.join(line)
    _import(folder, "", "run", lambda ground: lines.one(text, "docker run", ground.home), options)


@command.command("llama-swap")
@click.argument("file", type=click.Path())
@importing
def llama_swap(folder: str, file: str, **options: Any) -> None:
    """Import the models of a llama-swap configuration FILE.

    \b
    mmcompose import llama-swap config.yaml --dry-run
    """
    from mmcompose.core.imports.sources.llama_swap import read

    _import_file(folder, file, "llama-swap", read, options)


@command.command("vllm-recipe")
@click.argument("file", type=click.Path())
@importing
def vllm_recipe(folder: str, file: str, **options: Any) -> None:
    """Import the servers of a vLLM recipe FILE.

    Of Markdown, each command in its code blocks; of YAML, each variant too.

    \b
    mmcompose import vllm-recipe GLM/GLM-OCR.md
    mmcompose import vllm-recipe models/Qwen/Qwen3-32B.yaml --only qwen3-32b-fp8
    """
    from mmcompose.core.imports.sources.recipe import read

    _import_file(folder, file, "vllm-recipe", read, options)


@command.command("workbench")
@click.argument("file", type=click.Path())
@importing
def workbench(folder: str, file: str, **options: Any) -> None:
    """Import the models.yaml of a Model Workbench.

    Each model that is new gets a model file, and each of its backends a profile.

    \b
    mmcompose import workbench config/models.yaml --dry-run
    """
    from mmcompose.core.imports import models
    from mmcompose.core.imports.sources import workbench as importer

    data = _content(file)
    read = importer.read(file, data)
    names = [*dict.fromkeys(map(models.called, read.models)), *(str(model.repo.value) for model in read.models)]
    make = lambda ground, choice: models.imported(read, ground, choice, f"workbench {file}")  # noqa: E731 - one use
    _finish(folder, file, make, lambda _: names, options)


def _import_file(folder: str, file: str, command: str, read: Reader, options: dict[str, Any]) -> None:
    """Imports the containers of a file."""
    data = _content(file)
    _import(folder, file, f"{command} {file}", lambda ground: read(file, data, {"HOME": ground.home}), options)


def _import(
    folder: str, file: str, source: str, read: Callable[[ImportGround], Findings], options: dict[str, Any]
) -> None:
    """Imports containers."""
    from mmcompose.core.imports.result import imported

    found: list[Findings] = []

    def names(ground: ImportGround) -> list[str]:
        found.append(read(ground))
        return [one.name for one in found[0].found]

    _finish(folder, file, lambda ground, choice: imported(found[0], ground, choice, source), names, options)


def _finish(
    folder: str,
    file: str,
    make: Callable[[ImportGround, Decision], Imported],
    names: Callable[[ImportGround], list[str]],
    options: dict[str, Any],
) -> None:
    """Makes the files, writes or shows them, and reports."""
    from mmcompose.core.imports.result import Decision

    dry_run, force, style = (options.pop(key) for key in ("dry_run", "force", "style"))
    ground, choice = _ground(folder, file), Decision(**options)
    _refuse_unknown(ground, choice)
    _refuse_strangers(names(ground), choice)
    made = make(ground, choice)
    if dry_run and style == "text":
        for path, text in made.files.items():
            say(f"# {path}")
            say(text)
    elif not dry_run and made.files:
        _write(Path(ground.root), made, force)
    report(made.remarks, style)
    if not made.files:
        fail("nothing was imported: no engine was found", 2)
    if not dry_run:
        note(f"next: mmcompose validate {' '.join(made.profiles)}")


def _ground(folder: str, file: str) -> ImportGround:
    from mmcompose.core.imports.ground import ImportGround
    from mmcompose.core.render.build_folders import content_hash
    from mmcompose.engines.known import histories

    made, place = compiled(folder), root(folder).resolve()
    contents = {name: content_hash(files) for name, files in made.contexts.items()}
    source = Path(file).resolve().parent if file and file != "-" else Path.cwd()
    host = made.project.host if made.project else None
    return ImportGround(
        made.documents,
        made.schemas,
        histories.load,
        contents,
        host,
        str(place),
        str(source),
        str(Path.home()),
        next((at for at in _SCHEMAS if (place / at).is_dir()), ""),
    )


def _refuse_unknown(ground: ImportGround, choice: Decision) -> None:
    from mmcompose.core.hints import nearest
    from mmcompose.core.read.documents import NAME, NAME_FORM

    for kind, name in (("backend", choice.backend), ("host", choice.host)):
        known = ground.documents.of(kind)
        if name is not None and name not in known:
            fail(f"there is no {kind} {name!r}; {nearest(name, known)}".removesuffix("; "), 2)
    if choice.name is not None and not NAME.match(choice.name):
        fail(f"{choice.name!r} cannot be the name of a profile: {NAME_FORM}", 2)


def _refuse_strangers(names: list[str], choice: Decision) -> None:
    from mmcompose.core.hints import nearest

    for name in choice.only:
        if name not in names:
            fail(f"the source has no {name!r}; {nearest(name, names)}".removesuffix("; "), 2)


def _content(file: str) -> bytes:
    """The content of a file, as far as an importer reads; a longer one is refused where it is parsed."""
    import sys

    from mmcompose.files.reading import opened

    if file == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    try:
        with opened(file) as stream:
            return stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        fail(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}", 2)


def _write(place: Path, made: Imported, force: bool) -> None:
    """Writes all files or, where one exists, none."""
    from mmcompose.files import whole
    from mmcompose.files.fence import Fence
    from mmcompose.files.write.one_writer import one_writer

    fence = Fence(place)
    there = [path for path in made.files if (place / path).exists()]
    if there and not force:
        hint = "--name gives the profile another name, --dry-run shows it, --force overwrites"
        fail(f"{', '.join(there)} exists already; nothing was written ({hint})", 1)
    with one_writer(place):
        for path, text in made.files.items():
            try:
                fence.guard(path)
                whole.write(place / path, text, over=force)
            except OSError as error:
                fail(f"{path} cannot be written: {error.strerror}", 4)
            note(f"wrote {path}")
