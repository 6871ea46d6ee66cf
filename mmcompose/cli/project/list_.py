"""`mmcompose list`: lists profiles, hosts, backends and models, and which profiles can be up together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.printing.output import fail, note, report, say, say_json
from mmcompose.cli.printing.table import table
from mmcompose.cli.shell.choice import Choice
from mmcompose.cli.shell.here import compiled
from mmcompose.cli.shell.options import text_or_json
from mmcompose.core.columns import Fit

if TYPE_CHECKING:
    from mmcompose.core.pipeline import Compilation
    from mmcompose.model import Layer

KINDS = ("profiles", "hosts", "backends", "models")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@click.command("list")
@click.argument("kind", type=Choice(KINDS), default="profiles")
@click.option("--coexist", is_flag=True, help="Which profiles can be up together on each host, and why others cannot.")
@text_or_json
@click.pass_obj
def command(folder: str, /, kind: str, coexist: bool, style: str) -> None:
    """List profiles (or hosts, backends, models) of the project.

    \b
    mmcompose list
    mmcompose list --coexist
    mmcompose list hosts --format json
    """
    made = compiled(folder)
    if coexist:
        rows = _pairs(made)
    elif row := _ROWS.get(kind):
        rows = [row(made, name, layer) for name, layer in sorted(made.documents.of(kind.removesuffix("s")).items())]
    else:
        rows = _profiles(made)
    if style == "json":
        say_json(rows)
    elif rows:
        headers = [name.replace("_", " ").upper() for name in rows[0]]
        cells = [[_shown(name, value) for name, value in row.items()] for row in rows]
        say(table(cells, headers, _COEXIST if coexist else _FIT[kind]))
    else:
        note("nothing to list" if coexist else f"no {kind}")
    broken = [problem for problem in made.problems if problem.severity == "error"]
    if broken and style == "text":
        report(broken)
        raise SystemExit(2)


def _shown(name: str, value: Any) -> str:
    """A value for people: a commit by its first digits, eight GPUs by their ends, and `#0` for a GPU's index.
    Machines get the whole value."""
    from mmcompose.core.hints import numbers

    text = str(value)
    if name == "version" and _COMMIT.fullmatch(text):
        return text[:12]
    if name == "gpus" and all(part.isdecimal() for part in text.split(",")):
        return re.sub(r"[0-9]+", r"#\g<0>", numbers(map(int, text.split(","))))
    return text


def _pairs(made: Compilation) -> list[dict[str, Any]]:
    from mmcompose.core.place.coexist import LIMIT, coexistence, pairs_in

    if made.stack and (count := pairs_in(made.stack)) > LIMIT:
        fail(f"{count:,} pairs of profiles share a host; --coexist looks at {LIMIT:,} at most")
    pairs = coexistence(made.stack) if made.stack else []
    return [
        {
            "host": p.host,
            "profile": p.one,
            "with": p.other,
            "together": "no" if p.why_not else "yes",
            "because": p.why_not,
        }
        for p in pairs
    ]


def _profiles(made: Compilation) -> list[dict[str, Any]]:
    seats = made.stack.seats if made.stack else {}
    rows = []
    for name, profile in made.profiles.items():
        for key, service in profile.services.items():
            seat = seats[name][key]
            rows.append({
                "profile": name if key == name else f"{name}.{key}",
                "model": service.model or "",
                "backend": service.backend or "",
                "version": service.release or "",
                "host": profile.host.name,
                "gpus": ",".join(map(str, seat.gpus)),
                "ports": ",".join(map(str, seat.ports.values())),
                "description": service.description or profile.description or "",
            })  # fmt: skip
    return rows


def _host(_: Compilation, name: str, layer: Layer) -> dict[str, Any]:
    from mmcompose.core.resolve import bind

    machine = bind.machine(name, layer.root)
    cards = [card.vram for card in machine.gpus]
    return {
        "host": name,
        "accelerator": machine.accelerator,
        "gpus": f"{len(cards)} x {cards[0]}" if cards else "",
        "memory": machine.memory,
        "cores": machine.cores,
        "file": layer.file,
    }


def _backend(_: Compilation, name: str, layer: Layer) -> dict[str, Any]:
    from mmcompose.core.resolve import bind

    engine, version = bind.engine(name, layer.root), layer.root.at(("version",))
    return {
        "backend": name,
        "engine": engine.title,
        "version": version.value if version else "",
        "formats": ",".join(engine.formats),
        "runs_on": ",".join(engine.accelerators),
        "file": layer.file,
    }


def _model(made: Compilation, name: str, layer: Layer) -> dict[str, Any]:
    weights = layer.root.at(("weights",))
    facts = weights.plain() if weights else {}
    used = [profile for profile, p in made.profiles.items() if any(s.model == name for s in p.services.values())]
    return {
        "model": name,
        "weights": facts.get("repo") or facts.get("path") or "",
        "format": facts.get("format") or "",
        "profiles": ",".join(used),
        "file": layer.file,
    }


_FIT = {
    "profiles": Fit(("DESCRIPTION", "VERSION", "BACKEND"), below=True),
    "hosts": Fit(("FILE",), below=True),
    "backends": Fit(("FILE", "FORMATS", "RUNS ON"), below=True),
    "models": Fit(("FILE", "PROFILES", "FORMAT"), below=True),
}
_COEXIST = Fit(("BECAUSE",), below=True)
"""Columns that a narrow terminal shows below the row, the least important first."""
_ROWS = {"hosts": _host, "backends": _backend, "models": _model}
