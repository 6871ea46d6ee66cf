"""Reads a vLLM recipe: the commands in the code blocks of its Markdown, and the variants of a recipe in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from mmcompose.core.imports.sources.docker_run import is_docker_run
from mmcompose.core.imports.sources.found import Findings, Found
from mmcompose.core.imports.sources.lines import container, with_variables
from mmcompose.core.imports.sources.recipe_yaml import variants
from mmcompose.core.imports.sources.remarks import Remarks, refusal
from mmcompose.core.imports.sources.shell import commands, in_lines
from mmcompose.core.imports.sources.tree import parsed
from mmcompose.core.read.load import MAX_BYTES
from mmcompose.model import Origin, Setting

_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*([\w+-]*)")
_SHELLS = ("", "bash", "sh", "shell", "console", "zsh", "text")
_EXPORT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)\Z", re.DOTALL)
_SERVERS = (("vllm", "serve"), ("-m", "vllm.entrypoints.openai.api_server"))
_ELLIPSES = ("...", "…")


def read(file: str, data: bytes, known: Mapping[str, str]) -> Findings:
    """Every server that a recipe starts; raises Invalid where the file cannot be read."""
    if file.endswith((".yaml", ".yml")):
        tree = parsed(file, data)
        found, remarks = variants(tree)
        guide = tree.at(("guide",))
        if guide is not None and isinstance(guide.value, str):
            # A block of text begins on the line below its key, indented.
            made = _commands(guide.value, guide.origin._replace(line=guide.origin.line + 1), known)
            source = data.decode("utf-8-sig")
            for one in made.found:
                one.line = in_lines(one.line, source, guide)
                one.origin = one.line[0].origin if one.bare else one.origin
            found += made.found
            remarks += made.remarks
        return Findings(_once(found), remarks)
    if len(data) > MAX_BYTES:
        start = Origin("import", file, 1, 1)
        raise refusal(start, "", f"is larger than {MAX_BYTES >> 20} MiB", "name one recipe")
    made = _commands(data.decode("utf-8-sig", "replace"), Origin("import", file, 1, 1), known)
    return Findings(_once(made.found), made.remarks)


def _commands(text: str, start: Origin, known: Mapping[str, str]) -> Findings:
    """The servers that the code blocks of a Markdown text start, each with the variables that its block exports."""
    found, remarks = list[Found](), Remarks()
    for block, line in _blocks(text):
        cut, problems = commands(block, start._replace(line=start.line + line, column=1))
        if problems and not _mentions(block):
            continue
        remarks += [problem._replace(severity="warning") for problem in problems]
        exported: dict[str, Setting] = {}
        for parts in cut:
            if parts[0].value in ("export", "set"):
                exported |= {m[1]: part._replace(value=m[2]) for part in parts[1:] if (m := _EXPORT.match(part.value))}
            elif _serves(parts):
                one = _server(parts, exported, known, remarks)
                if one is not None:
                    found.append(one)
    return Findings(found, remarks)


def _mentions(text: str) -> bool:
    return "vllm serve" in text or "vllm.entrypoints" in text or "vllm/vllm-openai" in text


def _serves(parts: Sequence[Setting]) -> bool:
    texts = [part.value.rpartition("/")[2] if index == 0 else part.value for index, part in enumerate(parts)]
    pairs = list(pairwise(texts))
    image = any("vllm" in text and not text.startswith("-") for text in texts)
    return any(server in pairs for server in _SERVERS) or (is_docker_run(parts) and image)


def _server(
    parts: Sequence[Setting], exported: Mapping[str, Setting], known: Mapping[str, str], remarks: Remarks
) -> Found | None:
    if any(part.value in _ELLIPSES for part in parts):
        remarks.left_out(parts[0].origin, "", "the command is cut short, so it is not imported")
        return None
    values = {**known, **{name: str(setting.value) for name, setting in exported.items()}}
    used = {name for part in parts for name in re.findall(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)", str(part.value))}
    one = container(with_variables(parts, values, remarks), "")
    one.env = {**{name: setting for name, setting in exported.items() if name not in used}, **one.env}
    model = next((part.value for part in one.line if re.fullmatch(r"[\w.-]+/[\w.-]+", str(part.value))), "")
    one.name = str(model).rpartition("/")[2] or one.name or "recipe"
    return one


def _once(found: Sequence[Found]) -> list[Found]:
    """The same command stands in many recipes twice."""
    seen: dict[tuple[str, ...], Found] = {}
    for one in found:
        image = str(one.image.value) if one.image else ""
        seen.setdefault((image, *(str(part.value) for part in one.line), *sorted(one.env)), one)
    return list(seen.values())


def _blocks(text: str) -> Iterator[tuple[str, int]]:
    """The code blocks that a shell may read, each with the number of lines before it."""
    lines, at = text.split("\n"), 0
    while at < len(lines):
        opened = _FENCE.match(lines[at])
        at += 1
        if opened is None:
            continue
        begin = at
        while at < len(lines) and not lines[at].strip().startswith(opened[1]):
            at += 1
        if opened[2].lower() in _SHELLS:
            yield "\n".join(re.sub(r"^\s*\$ ", "", line) for line in lines[begin:at]), begin
        at += 1
