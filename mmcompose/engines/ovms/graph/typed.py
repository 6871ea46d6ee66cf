"""Compares a graph's tree with the messages of one release: reports every unknown, misplaced, mistyped, repeated or
missing field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from mmcompose.engines.ovms.catalogue import Catalogue, Field, Message, table, without_field
from mmcompose.engines.ovms.graph.text_tree import Block, Entry, Scalar
from mmcompose.engines.ovms.graph.values import bad_scalar
from mmcompose.engines.ovms.reading import Mark
from mmcompose.model import Fault, Severity

ANY = ".google.protobuf.Any"
_URL_PREFIXES = ("type.googleapis.com", "type.googleprod.com")


class Known(NamedTuple):
    """A block that is a known message: its readable fields, each with every value and place."""

    message: str
    block: Block
    fields: dict[str, list[FieldValue]]

    def first(self, name: str) -> Scalar | None:
        """The first scalar of a field, if there is one."""
        given = self.fields.get(name)
        return given[0].scalar if given else None

    def written(self, name: str) -> str:
        """The text of a scalar field; empty if the field is missing."""
        return next((given.text for given in self.fields.get(name, ())), "")

    def inside(self, name: str) -> list[Known]:
        """The messages of a field, in order."""
        return [given.known for given in self.fields.get(name, ()) if given.known]


class FieldValue(NamedTuple):
    """One value of a field."""

    mark: Mark
    scalar: Scalar | None
    known: Known | None

    @property
    def text(self) -> str:
        return self.scalar.text if self.scalar else ""


@dataclass
class Judge:
    """Collects the faults, and the spans of the text that the real parser should skip."""

    catalogue: Catalogue
    faults: list[Fault] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)

    def message(self, block: Block, message: Message, span: tuple[int, int] | None) -> Known:
        """Judges a block as a message. `span` is the field that holds it."""
        known = Known(message.name, block, {})
        seen: dict[str, Entry] = {}
        for entry in block.entries:
            found = self._field(entry, message, seen)
            if found is not None:
                known.fields.setdefault(found.name, []).extend(self._values(entry, found))
        named = {entry.name for entry in block.entries}
        for wanted in message.fields.values():
            if wanted.label == "required" and wanted.name not in named:
                self._say(block.mark, f"{message.name}: {wanted.name} is required", "", "ovms-missing")
                self.spans.append(span or (0, 0))
        return known

    def _field(self, entry: Entry, message: Message, seen: dict[str, Entry]) -> Field | None:
        if entry.kind != "field":
            found = self._extension(entry, message)
        else:
            found = message.fields.get(entry.name)
            if found is None:
                what, hint = without_field(message, entry.name, self.catalogue.release)
                self._refuse(entry, entry.mark, f"{entry.name}: {what}", hint, "ovms-unknown-field")
        if found is None:
            return None
        key = f"oneof {found.oneof}" if found.oneof else found.name
        if found.label != "repeated" and key in seen:
            first = seen[key]
            self._say(entry.mark, f"{entry.name}: given twice", f"first on line {first.mark.line}", "ovms-duplicate")
            self.spans.append((entry.mark.offset, entry.end))
            return None
        seen[key] = entry
        return found

    def _values(self, entry: Entry, found: Field) -> list[FieldValue]:
        values: list[FieldValue] = []
        if entry.listed and found.label != "repeated":
            self._refuse(entry, entry.mark, f"{entry.name}: takes one value, not a list", "", "ovms-type")
            return values
        for value in entry.values:
            span = (entry.mark.offset, entry.end)
            if found.type == ANY:
                known = self._any(entry, value)
                values.append(FieldValue(entry.mark, None, known))
            elif found.type in self.catalogue.messages:
                if isinstance(value, Block):
                    inner = self.message(value, self.catalogue.messages[found.type], span)
                    values.append(FieldValue(entry.mark, None, inner))
                else:
                    self._refuse(entry, value.mark, f"{entry.name}: must be a message in braces", "", "ovms-type")
            elif isinstance(value, Block):
                self._refuse(entry, entry.mark, *_scalar_wanted(found, self.catalogue))
            elif wrong := bad_scalar(value, found, self.catalogue):
                self._refuse(entry, value.mark, f"{entry.name}: {wrong[0]}", wrong[1], wrong[2])
            else:
                values.append(FieldValue(entry.mark, value, None))
        return values

    def _any(self, holder: Entry, value: Scalar | Block) -> Known | None:
        """Reads the options of a node: one message, named by its type."""
        if not isinstance(value, Block):
            self._refuse(holder, value.mark, f"{holder.name}: must be a message in braces", "", "ovms-type")
            return None
        if not value.entries or value.entries[0].kind != "any":
            for entry in value.entries:
                hint = "write [type.googleapis.com/mediapipe.<options message>] { ... } inside"
                self._refuse(
                    entry, entry.mark, f"{entry.name}: options need the name of their message", hint, "ovms-type"
                )
            return None
        first, *more = value.entries
        for entry in more:
            self._refuse(entry, entry.mark, f"{entry.name}: only one message fits in here", "", "ovms-duplicate")
        prefix, _, full = first.name.rpartition("/")
        short = full.removeprefix("mediapipe.")
        body = first.values[0] if first.values else None
        message = self.catalogue.messages.get(short) if full.startswith("mediapipe.") else None
        if prefix not in _URL_PREFIXES:
            hint = f"write [type.googleapis.com/{full}]"
            self._refuse(first, first.mark, f"[{first.name}]: the server reads no such type url", hint, "ovms-type")
            return None
        if not isinstance(body, Block):
            self._refuse(first, first.mark, f"[{first.name}]: must be a message in braces", "", "ovms-type")
            return None
        if message is None:
            self.spans.append((first.mark.offset, first.end))
            return self._stand_in(first, short, body)
        return self.message(body, message, (first.mark.offset, first.end))

    def _stand_in(self, entry: Entry, name: str, body: Block) -> Known:
        """The known message that an unknown one was probably meant to be, so that its inner faults are reported too."""
        meant = self.catalogue.messages.get(table("tasks")["meant"].get(name) or "")
        known = Known(name, body, {})
        if meant is None:
            return known
        inner = Judge(self.catalogue)
        fields = inner.message(body, meant, (entry.mark.offset, entry.end)).fields
        self.faults += inner.faults
        return known._replace(fields=fields)

    def _extension(self, entry: Entry, message: Message) -> Field | None:
        name = entry.name.removeprefix("mediapipe.").removesuffix(".ext")
        target = self.catalogue.messages.get(name)
        if target is None or not entry.name.endswith(".ext") or target.extends != message.name:
            what = f"[{entry.name}]: not an extension that {message.name} has"
            self._refuse(entry, entry.mark, what, "", "ovms-unknown-message")
            return None
        return Field(entry.name, target.extension, "optional", name)

    def _refuse(self, entry: Entry, mark: Mark, message: str, hint: str, rule: str) -> None:
        self._say(mark, message, hint, rule)
        self.spans.append((entry.mark.offset, entry.end))

    def _say(self, mark: Mark, message: str, hint: str, rule: str) -> None:
        newer = self.catalogue.release.newer and rule in {"ovms-unknown-field", "ovms-enum"}
        severity: Severity = "warning" if newer else "error"
        self.faults.append(mark.fault(message, hint, rule, severity))


def _scalar_wanted(found: Field, catalogue: Catalogue) -> tuple[str, str, str]:
    if found.name == "plugin_config":
        hint = """write plugin_config: '{"KEY": "value"}'"""
        return "plugin_config: must be a string that holds a JSON object, not a message", hint, "ovms-type"
    kind = "one of " + ", ".join(catalogue.enums[found.type]) if found.type in catalogue.enums else found.type
    return f"{found.name}: must be a {kind}, not a message", "", "ovms-type"
