"""Write the references that must not lie: every command's help, every key of every kind of file, every rule.

python tools/reference.py            # rewrite README.md and what lies in docs/
python tools/reference.py --check    # exit 1 when one of them is out of date
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import click

from mmcompose.cli.main import main
from mmcompose.core.check.rules.catalogue import RULES
from mmcompose.core.read.schema import KINDS, bundle
from mmcompose.files.gather import shipped

ROOT = Path(__file__).resolve().parent.parent
WIDTH = main.context_settings["max_content_width"] - 2
"""What Click leaves of a wide terminal: the help that stands here is the one that is printed, to the letter."""
_TYPES = {"object": "mapping", "array": "list", "string": "text", "integer": "whole number", "boolean": "true, false"}
_TABLE = re.compile(r"(<!-- commands -->\n).*?(<!-- /commands -->)", re.DOTALL)


def texts() -> dict[str, str]:
    """The content that each file should have, by path."""
    readme = (ROOT / "README.md").read_text("utf-8")
    return {
        "README.md": _TABLE.sub(rf"\g<1>{_commands_table()}\g<2>", readme),
        "docs/commands.md": _commands(),
        "docs/keys.md": _keys(),
        "docs/rules.md": _rules(),
    }


def _commands_table() -> str:
    context = click.Context(main)
    context.params["project"] = str(ROOT)
    rows = [
        f"| [`{name}`](docs/commands.md#mmcompose-{name}) | {command.text} |"
        for name, command in main.commands_of(context).items()
    ]
    return "\n".join(["| command | what it does |", "|---|---|", *rows]) + "\n"


def _commands() -> str:
    head = ["# Commands", "", "Written by `make docs` from the program's own help.", ""]
    parts = [*head, *_help(main, "mmcompose", None)]
    return "\n".join(parts).rstrip() + "\n"


def _help(command: click.Command, path: str, parent: click.Context | None) -> list[str]:
    name = path.rpartition(" ")[2]
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH, **command.context_settings)
    context.params["project"] = str(ROOT)
    parts = [f"## {path}", "", "```text", command.get_help(context).rstrip(), "```", ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            parts += _help(child, f"{path} {name}", context)
    return parts


def _keys() -> str:
    pieces = shipped.schemas()
    parts = ["# Keys", "", "Written by `make docs` from the JSON Schemas. Every key but those in bold may be left out;"]
    parts += [
        "`null` removes what a lower layer set. What `security` and the like may hold: [the rules](rules.md).",
        "",
    ]
    for kind in KINDS:
        schema = bundle(kind, pieces)
        parts += [f"## {kind}", "", schema["description"], "", "| key | value | what it is |", "|---|---|---|"]
        own = schema if kind in ("service", "project") else _own_of(schema, bundle("service", pieces))
        parts += [*_rows(own, ""), ""]
        if kind not in ("service", "project"):
            parts += ["And every key of a [service](#service).", ""]
    return "\n".join(parts).rstrip() + "\n"


def _own_of(schema: dict[str, Any], service: dict[str, Any]) -> dict[str, Any]:
    """Without the keys that every service has; they are told once."""
    own = {name: value for name, value in schema["properties"].items() if name not in service["properties"]}
    return {**schema, "properties": own}


def _rows(schema: dict[str, Any], prefix: str) -> list[str]:
    rows = []
    for name, inner in schema.get("properties", {}).items():
        key = f"`{prefix}{name}`"
        shown = f"**{key}**" if name in schema.get("required", ()) else key
        rows.append(f"| {shown} | {_value(inner)} | {inner.get('description', '')} |")
        if inner.get("properties") and name != "services":
            rows += _rows(inner, f"{prefix}{name}.")
        items = inner.get("items", {})
        if items.get("properties"):
            rows += _rows(items, f"{prefix}{name}[].")
        each = inner.get("additionalProperties")
        if isinstance(each, dict) and each.get("properties") and name not in ("services", "backends"):
            rows += _rows(each, f"{prefix}{name}.<name>.")
    return rows


def _value(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " \\| ".join(f"`{item}`" for item in schema["enum"] if item is not None)
    types = schema.get("type", [])
    shown = [_TYPES.get(kind, kind) for kind in ([types] if isinstance(types, str) else types) if kind != "null"]
    return " or ".join(shown) or "any"


_WAIVING = """\
# Rules

Written by `make docs` from the rules themselves. `validate` and `render` hold every service against them; the
defaults keep them all, so a rule is only broken by what somebody wrote.

## Waiving a rule

A service that cannot keep a rule says so beside what breaks it: in the profile, or in the file of its model, backend,
runtime or host. This one does not keep S07:

```yaml
security: {read_only: false}
waivers:
  - rule: S07
    reason: it compiles its kernels into the folder of its own code
    until: 2027-06-30
```

`reason` takes ten characters or more and is written into the compose file. `until` is the last day of the waiver:
from the next one on `validate` and `render --check` fail until somebody judges it again; `render` goes on writing the
same files. A waiver holds for its service alone, the waivers of all layers add up, and one whose rule is kept anyway
is a warning. In a profile of several services it stands under `services.<name>`, or beside `services` for all of
them.

## All rules

| rule | what it asks for | why |
|---|---|---|
"""


def _rules() -> str:
    rows = [
        f'| <a id="{rule.id.lower()}"></a>**{rule.id}** {rule.title} | {rule.asks} | {rule.why} |' for rule in RULES
    ]
    return _WAIVING + "\n".join(rows) + "\n"


def _written(place: Path) -> str | None:
    return place.read_text("utf-8") if place.exists() else None


def run(arguments: list[str]) -> int:
    wanted = texts()
    stale = [path for path, text in wanted.items() if _written(ROOT / path) != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path} is out of date: run `make docs`")
        return 1 if stale else 0
    for path in stale:
        (ROOT / path).parent.mkdir(exist_ok=True)
        (ROOT / path).write_text(wanted[path], "utf-8")
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
