"""Prints answers and problems for people and machines."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from mmcompose.cli.printing import streams
from mmcompose.core.plain import in_json, one_line, visible
from mmcompose.model.failure import Failure, Invalid

if TYPE_CHECKING:
    from mmcompose.model import Problem

FORMATS = ("text", "json", "github", "sarif")


def show(failure: Failure) -> None:
    """Prints the message on standard error."""
    if isinstance(failure, Invalid):
        report(failure.problems)
    else:
        say_error(failure.message)


def fail(message: str, code: int = 1, event: str = "", **facts: Any) -> NoReturn:
    raise Failure(message, code, event, **facts)


@contextmanager
def writing(path: object, remark: str = "") -> Iterator[None]:
    """Ends the command if this file cannot be written."""
    try:
        yield
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}{remark}", 4)


def failure_of(error: OSError) -> Failure:
    """Turns an unexpected refusal of the system into a sentence."""
    from pathlib import Path

    try:
        Path.cwd()
    except OSError:
        return Failure("the present folder is gone: cd into an existing one", 2)
    where = f"{one_line(str(error.filename))}: " if error.filename else ""
    return Failure(f"{where}{error.strerror or error}", 4)


def typed(*more: str) -> str:
    """The typed command for the reader to copy; `more` options stand before a `--`."""
    arguments = sys.argv[1:]
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return shlex.join(["mmcompose", *arguments[:end], *more, *arguments[end:]])


def program() -> str:
    """This program as a shell finds it from any folder: by its name if that leads here, else by its path."""
    import shutil
    from pathlib import Path

    here = Path(sys.argv[0])
    if here == Path(__file__).parents[1] / "__main__.py":
        return shlex.join([sys.executable, "-m", "mmcompose"])
    if here.name != "mmcompose" or not here.is_file():
        return "mmcompose"
    found = shutil.which("mmcompose")
    return "mmcompose" if found and here.samefile(found) else shlex.quote(str(here.absolute()))


def say(text: str = "") -> None:
    click.echo(text)


def say_error(text: str) -> None:
    paint("error", "red", err=True)
    click.echo(f": {_fitted(text, begins=len('error: '))}", err=True)


def paint(text: str, colour: str, *, err: bool = False) -> None:
    """Starts a line with a coloured text if the reader has colours; the rest follows."""
    if streams.coloured(err=err):
        streams.draw(click.style(visible(text), fg=colour), err=err)
    else:
        click.echo(text, nl=False, err=err)


def note(text: str) -> None:
    """Prints for people on standard error, so that pipes get the answer alone."""
    click.echo(_fitted(text), err=True)


def note_to_copy(text: str) -> None:
    """Prints a line that a person may paste: only the terminal breaks it, without inserting anything."""
    click.echo(text, err=True)


def _fitted(text: str, begins: int = 0) -> str:
    """Breaks long lines between words, indented, before a terminal would break them inside a word."""
    if not sys.stderr.isatty():
        return text
    import shutil

    from mmcompose.core.wrapping import wrapped

    width, fitted = shutil.get_terminal_size().columns, []
    for number, line in enumerate(text.split("\n")):
        indent = line[: len(line) - len(line.lstrip())] + "  "
        fitted.append(wrapped(line, width, indent, begins if number == 0 else 0))
    return "\n".join(fitted)


def say_event(data: Mapping[str, Any]) -> None:
    """Prints a line for a machine, in ASCII, whatever the terminal can show."""
    click.echo(in_json(data))


def say_json(data: Any) -> None:
    click.echo(in_json(data, indent=2, ensure_ascii=False))


def report(problems: Sequence[Problem], style: str = "text") -> None:
    """Prints all problems: as text on standard error, in a machine's format on standard output."""
    if style == "json":
        say_json([problem.data() for problem in problems])
    elif style == "github":
        for problem in problems:
            streams.draw(f"{visible(_as_annotation(problem), begins=False)}\n")
    elif style == "sarif":
        from mmcompose.cli.printing.sarif import as_sarif

        say_json(as_sarif(problems, _text))
    elif problems:
        for problem in problems:
            note(str(problem))
        note(count(problems))


def count(problems: Sequence[Problem]) -> str:
    from mmcompose.core.hints import plural

    errors = sum(problem.severity == "error" for problem in problems)
    files = len({problem.origin.file for problem in problems if problem.origin and problem.origin.line})
    parts = [plural(errors, "problem")] if errors else []
    parts += [plural(len(problems) - errors, "warning")] if len(problems) > errors else []
    return f"{' and '.join(parts)} in {plural(files, 'file')}" if files else " and ".join(parts)


def _as_annotation(problem: Problem) -> str:
    """A workflow command of GitHub Actions, its special characters escaped."""
    origin = problem.origin
    where = f" file={_property(origin.file)},line={origin.line},col={origin.column}" if origin and origin.line else ""
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"::{problem.severity}{where}::{_escaped(_text(problem) + hint)}"


def _text(problem: Problem) -> str:
    """The message for a format that has a field for the place; an option of the command line is no such place."""
    option = problem.origin.file if problem.origin and not problem.origin.line else ""
    return ": ".join(part for part in (option, problem.path, problem.message) if part)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def on_terminal() -> bool:
    return sys.stdout.isatty()
