"""Finds secrets in plain text: by the name of a value, and by the shape of known tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from mmcompose.core.place.subject import Around, Breach, Subject
from mmcompose.model import Path, Service

_NAME = re.compile(
    r"(?:(?:^|[_.])(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PAT|BEARER|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY"
    r"|SECRET_?KEY|AUTH_?KEY|SIGNING_?KEY|ENCRYPTION_?KEY|CREDENTIALS?)|[_.]PWD)"
    r"(?:$|[_.](?!PATH|FILE|DIR|URL|COUNT|LIMIT|BUDGET|SIZE|ID$|IDS|TYPE|NAME|ENV|MAP|NUM|USAGE|THRESHOLD"
    r"|DISTRIBUTION|PREDICTION))",
    re.IGNORECASE,
)
_OF_A_VOCABULARY = re.compile(
    r"(?:^|[_.])(?:BOS|EOS|PAD|UNK|SEP|CLS|MASK|STOP|IMAGE|AUDIO|VIDEO|THINK|START|END|BEGIN|SPECIAL|NEXT|PER|MAX|MIN"
    r"|NUM|DRAFT|TOOL)_TOKEN(?:$|_)",
    re.IGNORECASE,
)
"""Names of tokens that models read; they grant no access."""
_NO_SECRET = re.compile(
    r"\s*(?:[-+]?[0-9][0-9_.,]*[kKmMgG]?|true|false|yes|no|on|off|none|null|auto|required|optional|default|<.*>"
    r"|\[[A-Z_]+\])?\s*\Z"
    r"|/[\w.@+-]+(?:/[\w.@+-]+)+/?\Z",
    re.IGNORECASE,
)
"""Counts, switches, marks such as <eos>, and paths of files."""
_VALUE = re.compile(
    r"\b(?:hf_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,}"
    r"|glpat-[A-Za-z0-9_-]{16,}|xox[abprs]-[A-Za-z0-9-]{10,}|nvapi-[A-Za-z0-9_-]{16,}|dckr_pat_[A-Za-z0-9_-]{16,}"
    r"|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+)"
    r"|\b(?:AKIA[0-9A-Z]{16}|AIza[A-Za-z0-9_-]{30,})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?i:Bearer|Basic)\s+(?=\S*\d)[A-Za-z0-9._~+/-]{12,}"
    r"|://[^/\s@]*:[^/\s@]+@"
    r"|\b(?i:https?)://(?!git@)[^/\s@:]+@"
    r"|[?&](?i:api_?key|token|access_token|password|secret|auth)=[^&\s$]{4,}",
)
_OPTION = re.compile(
    r"(?:--?|\b)(?:x-)?(?:api[-_]?key|token|password|passwd|secret|access[-_]?key)(?:\s*[:=]\s*|\s+(?=\S*\d))"
    r"(?![$<{/\s])(?P<value>[^\s'\"]{8,})",
    re.IGNORECASE,
)
"""An option or a header with its value, inside a command."""


def in_plain_text(subject: Subject, _: Around) -> Iterator[Breach]:
    for path in found(subject):
        yield path, "a secret in plain text", "put it into a file and name it under secrets:"


def found(subject: Subject) -> Iterator[Path]:
    yield from (path for path, name, value in _named(subject.service) if secret_in(name, value))
    yield from (path for path, text in _texts(subject.service) if _looks_secret(text))
    if in_command(subject.service.health.test):
        yield "health", "test"


def _named(service: Service) -> Iterator[tuple[Path, str, Any]]:
    """Yields the values that have a name of their own."""
    tops: Mapping[str, Mapping[str, Any]] = {
        "env": service.env,
        "args": service.args,
        "bench_args": service.bench_args,
        "unchecked_args": {name: unchecked.value for name, unchecked in service.unchecked_args.items()},
    }
    for top, values in tops.items():
        yield from (((top, name), name, value) for name, value in values.items())
    yield from ((("graph", "options", name), name, value) for name, value in service.graph.options.items())
    if service.image_type == "build":
        yield from ((("build", "args", name), name, value) for name, value in service.build.args.items())


def _texts(service: Service) -> Iterator[tuple[Path, str]]:
    """Yields the texts for people, which the compose file repeats in comments."""
    yield ("description",), service.description or ""
    yield from ((("why", name), why) for name, why in service.why.items() if isinstance(why, str))
    yield from ((("waivers", index), waiver.reason) for index, waiver in enumerate(service.waivers))
    yield from ((("unchecked_args", name), each.reason) for name, each in service.unchecked_args.items())


def secret_in(name: str, value: Any) -> bool:
    """Whether a value of this name is a secret or holds one, also inside a list or a mapping."""
    if isinstance(value, dict):
        return any(secret_in(str(key), inner) for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return any(secret_in(name, inner) for inner in value)
    if not isinstance(value, str) or not value.strip():
        return False
    return _looks_secret(value) or (_named_so(name) and _NO_SECRET.match(value) is None)


@lru_cache(4096)
def _named_so(name: str) -> bool:
    plain = name.replace("-", "_")
    return _NAME.search(plain) is not None and _OF_A_VOCABULARY.search(plain) is None


@lru_cache(4096)
def _looks_secret(text: str) -> bool:
    return _VALUE.search(text) is not None


@lru_cache(1024)
def in_command(parts: tuple[str, ...]) -> bool:
    """Whether a command holds a secret: by its shape, or by the name of its option or header."""
    options = (found["value"] for part in parts if (found := _OPTION.search(part)))
    if any(map(_looks_secret, parts)) or not all(map(_NO_SECRET.match, options)):
        return True
    return any(
        option.startswith("-")
        and _named_so(option.lstrip("-"))
        and not value.startswith(("-", "$"))
        and not _NO_SECRET.match(value)
        for option, value in pairwise(parts)
    )
