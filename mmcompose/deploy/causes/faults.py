"""Finds the complaints of a log, each with its earlier causes: tracebacks of Python, and plain lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mmcompose.deploy.causes.lines import Line

_TRACE = re.compile(r"Traceback \(most recent call last\)|^\s*[|+]?\s*File \"[^\"]+\", line \d+")
_HEAD = re.compile(r"\s*Traceback \(")
_PLACE = re.compile(r"File \"(?:[^\"]*/)?([^\"/]+)\", line (\d+), in (\S+)")
_LINK = re.compile(r"During handling of the above exception|The above exception was the direct cause")
_EXCEPTION = re.compile(
    r"^[\s|]*(?:[A-Za-z_]\w*\.)*(?:[A-Z]\w*)?"
    r"(?:Error|Exception|Exit|Interrupt|Failure|NotFound|OutOfResources|Timeout|Expired)(?::\s.*|:)?$"
)
_NAMED = re.compile(r"^(?:[a-z_]\w*\.)+(?:[A-Z]\w*|gaierror|timeout): \S")
"""The end of a traceback, whatever the exception is called."""
_OWN = re.compile(r"File \"[^\"]*/((?:vllm|sglang|tensorrt_llm)/[^\"]+)\", line \d+")
"""A place in the code of an engine itself; what it calls of other packages says less about the part that failed."""
_QUOTED = re.compile(r"(?P<name>[A-Z]\w*(?:Error|Exception))\((?P<mark>['\"])(?P<text>.+)(?P=mark)(?:,.*)?\)$")
_SENTENCE = re.compile(
    r"^(?!raise |return |assert |await |self\.|with |for |if |yield )[A-Za-z][\w.`'-]*(?: [^\s=]+){2,}"
)
_COMPLAINT = re.compile(
    r"(?i)\b(?:errors?|fail(?:ed|ure)?|fatal|abort(?:ed|ing)?|can ?not|can't|couldn't|could not|unable to|invalid|"
    r"(?:not|un)[ -]?supported|no such|denied|killed|died|dead|terminate called|assert(?:ion)?|illegal instruction|"
    r"bus error|segmentation fault|core dumped|not found|missing|refused|out of memory|no space left|too old|unknown|"
    r"unrecogni[sz]ed|unmatched|ambiguous|mismatch|does(?: not|n't) exist|required|no option|not enough|bad_alloc|"
    r"incompatible|requires|must match|thrown while requesting|(?:aren't|isn't|is not) (?:available|installed)|"
    r"no module named|panicked at|exceeds?|exceeded|too (?:small|large|long|many|few|short|big)|corrupt(?:ed)?|"
    r"unexpected|undefined symbol|(?:greater|larger|smaller|higher|lower) than|"
    r"insufficient|unavailable|forbidden|unauthorized|crash(?:ed)?|overflow|out of range|"
    r"floating point exception|already in use|no space|unreachable|timed out)\b|"
    r"what\(\):|GGML_ASSERT|(?:Error|Exception)(?::|$)"
)
_HARMLESS = re.compile(
    r"(?i)\b\w*warn(?:ing)?\b(?!, error)|deprecat|will be removed|falling back|fallback|\bignor(?:ed|ing)\b|retry|"
    r"to silence this|"
    r"\b(?:0|no) (?:errors|failed|failures)\b|please (?:file|report|see|visit|check)\b.*https?://|^\s*(?:at|in) \S+:\d+"
)
_CODE = re.compile(r"current device: \d|[\w:]+\([^\n]*\)$")
"""What ggml shows of its own code under an error."""
_IGNORED = re.compile(r"^\s*Exception ignored in(?: thread)?\b")
"""Python says so before the traceback of an error while it cleans up."""
_BARE = re.compile(r"(?:\w+\.)*AssertionError:?")
"""An assertion without text; the code in the traceback shows the assertion."""
_TOGETHER = 24
"""The most lines of one message."""
_NEAR = 8
"""The most lines between plain complaints that belong together."""
_MARKS = re.compile(r"[\s|]*[~^][\s~^|]*")
"""A line that Python prints below the code of a traceback."""
_INDENTED = re.compile(r"[\s|]* {4}\S")


@dataclass
class Complaint:
    """`texts` are a chain of errors in the order in which it was printed; the last one ended the process."""

    texts: list[str]
    end: int = 0
    sure: bool = True
    """An exception, or a line whose logger calls it an error."""
    process: str = ""
    """The rank that printed it, if the logger names it."""
    place: str = ""
    """The file of the engine that its traceback named last, from the engine's package on."""

    @property
    def final(self) -> str:
        return self.texts[-1]

    @property
    def headline(self) -> str:
        """The first line of the last message that is not empty."""
        lines = [line.strip() for line in self.final.splitlines() if re.search(r"\w", line)]
        if len(lines) > 1 and re.search(r"validation errors? for \w+$", lines[0]):
            return lines[min(2, len(lines) - 1)] if re.fullmatch(r"\S+", lines[1]) else lines[1]
        if "Caused by:" in lines[:-1]:
            return f"{lines[0]}: {_deepest(lines[lines.index('Caused by:') + 1 :])}"
        if len(lines) > 1 and re.fullmatch(r"[\w.]+:?", lines[0]):
            return f"{lines[0].rstrip(':')}: {lines[1]}"
        return lines[0].removeprefix("what():").strip() if lines else ""


@dataclass
class _Stream:
    """One process; several of them may print through each other."""

    tracing: bool = False
    level: str = ""
    """The logger's level of the traceback, where a wrapper logs each of its lines."""
    linked: bool = False
    ignored: bool = False
    """The traceback is of an error that Python itself ignores."""
    open: Line | None = None
    """The line whose message continues on the next one."""
    bare: bool = True
    """Only the head of the traceback stands at the margin, so what follows there is its end."""
    asserted: str = ""
    """The assertion that the trace showed last, or else the place where it ended."""
    place: str = ""
    """The engine's own file that the trace named last."""
    count: int = 0
    plain: bool = False
    """The last fault was a plain line, and the next plain one belongs to it."""
    faults: list[Complaint] = field(default_factory=list)


def faults(lines: Sequence[Line]) -> list[Complaint]:
    """The complaints, in the order of their ends."""
    streams: dict[str, _Stream] = {}
    shown = _shown(lines)
    for at, line in enumerate(lines):
        stream = streams.setdefault(line.process, _Stream())
        stream.tracing = stream.tracing or at in shown
        _hear(stream, line, at)
    if not any(stream.faults for stream in streams.values()):
        for stream in streams.values():
            _cut_off(stream, len(lines))
    for process, stream in streams.items():
        for one in stream.faults:
            one.process = process
    return sorted((one for stream in streams.values() for one in stream.faults), key=lambda one: one.end)


def _shown(lines: Sequence[Line]) -> set[int]:
    """The lines that show code, also of a traceback whose beginning is not in the log."""
    found: set[int] = set()
    before: dict[str, int] = {}
    for at, line in enumerate(lines):
        marks = bool(_MARKS.fullmatch(line.text))
        last = before.get(line.process)
        if last is not None and (marks or _PLACE.search(line.text)) and _INDENTED.match(lines[last].text):
            found.add(last)
        if marks:
            found.add(at)
        before[line.process] = at
    return found


def _hear(stream: _Stream, line: Line, at: int) -> None:
    text = _spelled(line.text.strip(" \t|"))
    if _TRACE.search(line.text):
        stream.tracing, stream.level, stream.open, stream.plain = True, line.level, None, False
        head = bool(_HEAD.match(line.text))
        stream.bare = head != line.text[:1].isspace() and (head or stream.bare)
        place = _PLACE.search(line.text)
        stream.asserted = f"in {place[3]} ({place[1]}:{place[2]})" if place else ""
        own = _OWN.search(line.text)
        stream.place = own[1] if own else stream.place if place else ""
    elif _IGNORED.match(line.text):
        stream.ignored, stream.tracing, stream.open = True, True, None
    elif stream.ignored and _raised(stream, line):
        stream.ignored = stream.tracing = False
    elif _LINK.search(text):
        stream.linked, stream.tracing, stream.open = True, False, None
    elif _ends(stream, line) or (_raised(stream, line) and not _quoted(stream, line)):
        complaint = f"AssertionError: {stream.asserted}" if stream.asserted and _BARE.fullmatch(text) else text
        _add(stream, complaint, at, linked=stream.linked)
        stream.asserted = ""
        stream.tracing = stream.linked = stream.plain = False
        stream.open, stream.count = line, 1
    elif _goes_on(stream, line):
        stream.count += 1
        last = stream.faults[-1]
        last.texts[-1] += "\n" + text
        last.end = at
    elif _in_trace(stream, line):
        # The code that a trace shows.
        stream.asserted = text if text.startswith("assert ") else stream.asserted
    else:
        stream.tracing = False
        _hear_plain(stream, line, text, at)


def _spelled(text: str) -> str:
    """The usual spelling of an exception that a logger shows as it would stand in code."""
    quoted = _QUOTED.match(text)
    return f"{quoted['name']}: {quoted['text']}" if quoted else text


def _raised(stream: _Stream, line: Line) -> bool:
    return bool(_EXCEPTION.match(line.text) or (stream.tracing and _NAMED.match(line.text)))


def _in_trace(stream: _Stream, line: Line) -> bool:
    return stream.tracing and line.level in ("", "error", stream.level) and not (line.tag and not line.level)


def _ends(stream: _Stream, line: Line) -> bool:
    """Whether a trace ends in a sentence of an exception whose name was left out: it stands where the code does not."""
    return _in_trace(stream, line) and stream.bare and bool(stream.asserted) and bool(_SENTENCE.match(line.text))


def _quoted(stream: _Stream, line: Line) -> bool:
    return not stream.tracing and line.level in ("info", "warning")


def _cut_off(stream: _Stream, at: int) -> None:
    """A traceback whose error is not in the log any more: the place that it had reached is all there is."""
    if stream.tracing and stream.asserted and not stream.ignored:
        _add(stream, f"the log ends inside a traceback, {stream.asserted}", at, linked=False)


def _goes_on(stream: _Stream, line: Line) -> bool:
    first = stream.open
    if first is None or stream.count >= _TOGETHER or stream.tracing:
        return False
    if (line.level, line.tag) != (first.level, first.tag):
        stream.open = None
        return False
    return True


def _deepest(causes: list[str]) -> str:
    """The last link of a chain as programs in Rust print it: one line, or several that are numbered."""
    numbered = [line for line in causes if re.match(r"\d+: ", line)]
    return numbered[-1].partition(": ")[2] if numbered else causes[0]


def harmless(text: str) -> bool:
    return bool(_HARMLESS.search(text))


def _hear_plain(stream: _Stream, line: Line, text: str, at: int) -> None:
    stream.open = None
    if not text or line.level in ("warning", "info"):
        return
    if line.level == "error" or (_COMPLAINT.search(text) and not harmless(text)):
        near = stream.plain and at - stream.faults[-1].end <= _NEAR
        if near and _CODE.match(text):
            stream.faults[-1].texts[-1] += "\n" + text
            return
        _add(stream, text, at, linked=near, sure=line.level == "error")
        stream.plain, stream.linked = True, False


def _add(stream: _Stream, text: str, at: int, *, linked: bool, sure: bool = True) -> None:
    if linked and stream.faults:
        last = stream.faults[-1]
        last.texts.append(text)
        last.end, last.sure, last.place = at, last.sure or sure, stream.place or last.place
    else:
        stream.faults.append(Complaint([text], at, sure, place=stream.place))
    stream.place = ""
