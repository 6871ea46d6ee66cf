"""The remedies for frequent mistakes: rows of mistake and remedy. The first row that fits is shown.

A row for a value has its place (without the service, `[]` for an index), a pattern of the mistake, and what to write:
`{0}` is the value, `{1}` a part of it; `{lower}`, `{digits}` and `{snake}` are forms of it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from mmcompose.core.read.ways_of_compose import KEYS
from mmcompose.model import Path


class Way(NamedTuple):
    at: str
    met: str
    write: str
    given: str = "text"
    due: str = ""
    """The kind of the value (text, number, truth, list, mapping), and the types of JSON Schema that would be right."""


_NAMES = r"model|backend|runtime|host|extends"
_SIZES = r".*(memory|shm_size|vram|max_size)|tmpfs\..*"
_TIMES = r"health\.(interval|timeout|start_period)|stop_grace_period"
_UNIT = r"\s*([bkmgt])i?b?"

WAYS = (
    Way(r"image|envelope\.image", r".*@(?!sha256:)(\w+):.*", "a digest is sha256: and 64 digits; {1} cannot be used"),
    Way(r"image|envelope\.image", r"(?s).*@sha256:[0-9a-fA-F]{64}", "a digest is written in small letters"),
    Way(r"image|envelope\.image", r".*@.*", "after @ come sha256: and 64 digits: copy all of it, or leave it out"),
    Way("image", r"https?://(.*)", "leave the scheme out: {1}"),
    Way("image", r"\S*[A-Z]\S*(:\S*)?", "a repository is written in small letters: {lower}"),
    Way(r"envelope\.digest", r".*", "write sha256: and 64 digits"),
    Way("version", r".*@.*", "a digest belongs to image: repository:tag@sha256:…"),
    Way("version", r".*[:/].*", "write the tag alone, or the whole reference under image:"),
    Way(_NAMES, r"(?:.*/)?([A-Za-z0-9_.-]+)\.ya?ml", "write the name alone: {1}"),
    Way("model", r".*\.gguf", "a file is written as weights: {{path: {0}}}"),
    Way("model", r"[\w.-]+/[\w.-]+", "a repository is written as weights: {{repo: {0}}}"),
    Way(_NAMES, r"[A-Za-z][\w .-]*", "names are small letters, digits and dashes: {dashed}"),
    Way(r"ports\.[^.]+", r"(?:[0-9.]+:)?(\d+):\d+(?:/\w+)?", "write the port of the host alone: {1}"),
    Way(r"(ports|listen)\.[^.]+", r"\d+", "write it without quotes: {0}"),
    Way("restart", r"(?i)unless[-_ ]?stop(ped)?|true", "write unless-stopped", ""),
    Way("restart", r"(?i)on[-_ ]?fail(ure)?(:\d+)?", "write on-failure, or on-failure:5"),
    Way("restart", r"(?i)never|none|off|false", "write 'no', in quotes or without", ""),
    Way(_SIZES, rf"(?i)(\d+(?:\.\d+)?){_UNIT}", "write {1}{2_lower}"),
    Way(_SIZES, r"\d+", "write the unit with it: {0}g, {0}m", "number"),
    Way(_SIZES, r"\d+", "write the unit with it: {0}g, {0}m"),
    Way(_TIMES, r"(?i)(\d+)\s*s(ec(ond)?s?)?", "write {1}s"),
    Way(_TIMES, r"(?i)(\d+)\s*min(ute)?s?", "write {1}m"),
    Way(_TIMES, r"(?i)(\d+)\s*h(ou)?rs?", "write {1}h"),
    Way(_TIMES, r"\d+", "write the unit with it: {0}s", "number"),
    Way(_TIMES, r"\d+", "write the unit with it: {0}s"),
    Way(r"waivers\[\]\.until", r"(\d{1,2})\.(\d{1,2})\.(\d{4})", "write year-month-day: {3}-{2}-{1}"),
    Way(r"waivers\[\]\.until", r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", "write year-month-day: {1}-{2}-{3}"),
    Way(r"security\.user", r"\d+", "write uid:gid: {0}:{0}"),
    Way(r"security\.user", r"\d+", "write uid:gid in quotes: \"{0}:{0}\"", "number"),
    Way(r"security\.user", r"root|[a-z].*", "write numbers, uid:gid, or host for those of the host file"),
    Way(r"weights\.repo", r"https?://[^/]+/([^/]+/[^/]+).*", "write owner/name: {1}"),
    Way(r"weights\.format", r"(?i)\.?(pth?|bin|pickle)", "write pytorch"),
    Way(r"weights\.format", r"(?i)\.?(ggml|gguf)", "write gguf"),
    Way(r"weights\.format", r"(?i)(ir|open.?vino.*)", "write openvino"),
    Way(r"health\.test", r".*", "write a list: [CMD-SHELL, '{0}']", due="array"),
    Way(".*", r"[^,]+(?:,[^,]+)+", "write a list: [{0}]", due="array"),
    Way(".*", r".*", "write a list: [{0}]", due="array"),
    Way(".*", r".*", "write a list: [{0}]", "number", "array"),
    Way(".*", r"([\w.-]+):(\S.*)", "a space is missing after the colon: {1}: {2}", due="object"),
    Way("env", r"([A-Za-z_]\w*)=(.*)", "write a mapping, without dashes and =: {1}: {2}", "list", "object"),
    Way("ports|listen", r"(?:[0-9.]+:)?(\d+)(?::\d+)?", "write a mapping: {{api: {1}}}", "", "object"),
    Way("args|unchecked_args", r"--?([\w-]+)(?:[= ](.*))?", "write a mapping: {snake}: {2}", "", "object"),
    Way("gpu", r"\d+|all", "write gpu: {{count: {0}}}", "", "object"),
    Way("gpu", r"\d+(?:,\d+)+", "write gpu: {{devices: [{0}]}}", "", "object"),
    Way("weights", r"[./].*|.*\.gguf", "write weights: {{path: {0}}}", "text", "object"),
    Way("weights", r"[\w.-]+/[\w.-]+", "write weights: {{repo: {0}}}", "text", "object"),
    Way("build", r".*", "write build: {{context: {0}}}", "text", "object"),
    Way(r"mounts\[\]", r"([^:]+):([^:]+):ro", "write {{source: {1}, target: {2}}}", "text", "object"),
    Way(r"mounts\[\]", r"([^:]+):([^:]+)(:rw)?", "write {{source: {1}, target: {2}, read_only: false}}", due="object"),

    Way("secrets", r"([\w-]+)", "write a mapping: {{{1}: {{file: secrets/{1}}}}}", "list", "object"),
    Way(r"secrets\.[^.]+", r".*", "write {{file: {0}}}", "text", "object"),
    Way("caches", r"([\w-]+):(/.*)", "write a mapping: {{{1}: {2}}}", "list", "object"),
    Way("tmpfs", r"(/[^:]*)(?::.*)?", "write a mapping with sizes: {{{1}: 256m}}", "", "object"),
    Way("services", r".*", "write a mapping: the name of each service, and below it its keys", "list", "object"),
    Way(".*", r".*", "write key: value on each line, without dashes", "list", "object"),
    Way(".*", r"(?i)true|yes|on|y|1", "write true, without quotes", "", "boolean"),
    Way(".*", r"(?i)false|no|off|n|0", "write false, without quotes", "", "boolean"),
    Way(".*", r"[-+]?\d+", "write it without quotes: {0}", "text", "integer|number"),
    Way(".*", r"\d{1,3}(?:[_,. ]\d{3})+", "write {digits}", "text", "integer"),
)  # fmt: skip

ALIKE = {
    "\u00a0": ("a no-break space", "a plain space"),
    "\u2007": ("a figure space", "a plain space"),
    "\u202f": ("a narrow no-break space", "a plain space"),
    "\u3000": ("an ideographic space", "a plain space"),
    **dict.fromkeys("\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a", ("a wide space", "a plain space")),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ("a character without width", "nothing in its place")),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02", ("a typographic quote", 'a plain " in its place')),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\uff07", ("a typographic quote", "a plain ' in its place")),
    **dict.fromkeys("\uff1a\ufe55\u2236\ua789", ("a character that looks like a colon", "a plain : and a space")),
    **dict.fromkeys(
        "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d", ("a character that looks like a dash", "a plain - in its place")
    ),
    "\uff0c": ("a full-width comma", "a plain , in its place"),
    "\uff1d": ("a full-width =", "a plain = in its place"),
    "\uff03": ("a full-width #", "a plain # in its place"),
}
"""Characters that look like those of YAML, or like nothing, and are others."""


def backend_meant(name: str) -> str | None:
    """The engine that is called like this, whatever the signs and capitals."""
    from mmcompose.engines.known.engine import all_known  # a project without such a mistake needs none of them

    names = ((other, one.name) for one in all_known() for other in (one.name, *one.called))
    return next((meant for other, meant in names if _letters(other) == _letters(name)), None)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def alike(text: str) -> str:
    """The first character that looks like another, and what to write; None where there is none."""
    found = next((sign for sign in text if sign in ALIKE), None)
    if found is None:
        return ""
    name, write = ALIKE[found]
    return f"it holds {name}, U+{ord(found):04X}: write {write}"


def for_value(path: Path, value: Any, due: str | list[str] = "") -> str:
    """The remedy for a wrong value at a place."""
    given, text = _given(value)
    strange = alike(text)
    if strange:
        return strange
    place = _place(path)
    if place == "backend" and (meant := backend_meant(text)):
        return f"write {meant}"
    types = [due] if isinstance(due, str) else due
    for way in WAYS:
        if way.given and way.given != given:
            continue
        if way.due and not any(re.fullmatch(way.due, kind) for kind in types):
            continue
        if not _compiled(way.at).fullmatch(place):
            continue
        met = _compiled(way.met).fullmatch(text)
        remedy = _filled(way.write, met) if met else ""
        if remedy and remedy != f"write {text}":
            return remedy
    return ""


def for_key(path: Path) -> str:
    """The remedy for a key that people know from Compose or another tool."""
    name = str(path[-1])
    above = _place(path[:-1])
    if name.startswith("x-"):
        return "there are no extensions here: write the values out, or let profiles share them by extends:"
    return alike(name) or KEYS.get(f"{above}.{name}" if above else name, "")


def _place(path: Path) -> str:
    inside = path[2:] if path[:1] in (("services",), ("backends",)) and len(path) > 1 else path
    text = ""
    for part in inside:
        text += "[]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _given(value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return "truth", str(value).lower()
    if isinstance(value, (int, float)):
        return "number", str(value)
    if isinstance(value, list):
        first = value[0] if value else ""
        return "list", first if isinstance(first, str) else str(first) if isinstance(first, (int, float)) else ""
    return ("mapping", "") if isinstance(value, dict) else ("text", value if isinstance(value, str) else "")


def _filled(write: str, met: re.Match[str]) -> str:
    parts = [met.group(0), *(group or "" for group in met.groups())]
    first = parts[1] if len(parts) > 1 else parts[0]
    forms = {
        "lower": parts[0].lower(),
        "dashed": re.sub(r"[^a-z0-9]+", "-", parts[0].lower()).strip("-"),
        "digits": re.sub(r"\D", "", parts[0]),
        "snake": first.lstrip("-").replace("-", "_"),
        "2_lower": parts[2].lower() if len(parts) > 2 else "",
    }
    return write.format(*parts, **forms).rstrip().removesuffix(":")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
