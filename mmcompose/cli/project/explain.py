"""`mmcompose explain`: shows a value, its line, the values that it overrode, and its reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.printing.output import note, say, say_json
from mmcompose.cli.shell.here import compiled, overrides, profile_or_fail
from mmcompose.cli.shell.options import overriding, profile_argument, text_or_json
from mmcompose.core.plain import one_line

if TYPE_CHECKING:
    from mmcompose.core.explain import Explanation
    from mmcompose.model import Profile


@click.command("explain")
@profile_argument
@click.argument("path", required=False, default="")
@text_or_json
@overriding
@click.pass_obj
def command(folder: str, /, profile: str, path: str, style: str, **options: Any) -> None:
    """Show where the values of a profile come from, and why. PATH is dotted; without it, all of them.

    \b
    mmcompose explain ocr args.max_num_seqs
    mmcompose explain ocr args
    mmcompose explain ocr image --backend-version v0.33.0
    """
    from mmcompose.core.explain import explain
    from mmcompose.model import parse_path

    made = compiled(folder, overrides(options), only=profile)
    subject = profile_or_fail(made, profile)
    found = explain(subject, parse_path(path), made.stack.seats.get(profile) if made.stack else None)
    if style == "json":
        say_json([_as_data(item) for item in found])
        return
    width = min(60, max(len(_head(item)) for item in found))
    for item in found:
        say(one_line(f"{_head(item).ljust(width)}  {item.origin}"))
        if item.seat is not None:
            say(one_line(f"  sits {_seat(subject, item.seat)}"))
        for value, origin in item.overrode:
            say(one_line(f"{('  was ' + _shown(value)).ljust(width)}  {origin}"))
        if item.why:
            say(f"  why: {' '.join(item.why.split())}")
    if not path:
        note(f"{len(found)} values; name one to see it alone")


def _seat(profile: Profile, seat: int | list[int]) -> str:
    """A seat as text: a port, or the GPUs of its host."""
    if isinstance(seat, int):
        return f"at port {seat} of {profile.host.name}"
    cards = profile.host.gpus
    names = [f"GPU {card} ({cards[card].name})" if card < len(cards) else f"GPU {card}" for card in seat]
    return f"on {', '.join(names)} of {profile.host.name}"


def _head(item: Explanation) -> str:
    return f"{item.path} = {_shown(item.value)}"


def _shown(value: Any) -> str:
    if value is None:
        return "(removed)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_data(item: Explanation) -> dict[str, Any]:
    return {
        "path": item.path,
        "value": item.value,
        **_place(item.origin),
        "overrode": [{"value": value, **_place(origin)} for value, origin in item.overrode],
        "why": item.why,
        **({"seat": item.seat} if item.seat is not None else {}),
    }


def _place(origin: Any) -> dict[str, Any]:
    return {"layer": origin.layer, "file": origin.file, "line": origin.line, "column": origin.column}
