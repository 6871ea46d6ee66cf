"""Shows events to people and machines: one line that is redrawn on a terminal, plain lines elsewhere, or JSON."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from mmcompose.cli.printing import streams
from mmcompose.cli.printing.output import note, note_to_copy, say, say_event
from mmcompose.core.plain import one_line, visible
from mmcompose.model.phases import PHASES, TITLES

if TYPE_CHECKING:
    from mmcompose.deploy.ready.events import Event

_OVER = "\r\x1b[K"
"""Returns to the beginning of the line, and clears it."""
_WIDTH = 20
_PLAIN_EVERY = 15.0


class RedrawnLine:
    """A line on standard error that is drawn over, where that is possible."""

    def __init__(self, live: bool) -> None:
        self._live, self._shown = live, False

    def end(self) -> None:
        """Leaves the terminal's line clean for the next output."""
        if self._shown:
            streams.draw(_OVER, err=True)
            self._shown = False

    def _over(self, line: str) -> None:
        """Draws over the present line; never longer than one."""
        width = shutil.get_terminal_size().columns - 1
        streams.draw(f"{_OVER}{visible(one_line(line))[:width]}", err=True)
        self._shown = True


class Progress(RedrawnLine):
    """Shows one start. `verbose` also shows what Docker prints on the way."""

    def __init__(self, style: str, *, verbose: bool = False) -> None:
        self.style, self.verbose = style, verbose
        super().__init__(style == "text" and streams.moving(err=True))
        self._quiet_until = _PLAIN_EVERY
        self._waited_for = ("", "")
        self._phase_now = PHASES[0]

    def __call__(self, event: Event) -> None:
        # A closed pipe or a lost terminal never leaves a hand-over half-way.
        with contextlib.suppress(OSError):
            if self.style != "json":
                getattr(self, f"_{event.kind}")(event)
            elif event.kind not in ("tick", "line"):
                say_event(event.data())

    def _line_out(self, text: str) -> None:
        self.end()
        note(one_line(text))

    def _plan(self, event: Event) -> None:
        for line in event.lines:
            self._line_out(line)

    def _phase(self, event: Event) -> None:
        self._phase_now = event.phase
        if event.phase == "stop":
            self._line_out(f"stopping {event.text}")
        elif self._live:
            self._bar(event.phase, TITLES[event.phase])
        elif event.phase == "image":
            self._line_out(f"{event.profile}: {TITLES['image']}")

    def _reached(self, event: Event) -> None:
        name = event.profile if event.service in ("", event.profile) else f"{event.profile}/{event.service}"
        text = f" {event.text!r}" if event.phase == "token" and event.text.strip() else ""
        if event.phase == "stop":
            name, text = event.text, f" ({', '.join(event.lines)})"
        self._line_out(f"{name}: {event.phase:<6} {event.seconds or 0:8.2f} s{text}")

    def _tick(self, event: Event) -> None:
        seconds = event.seconds or 0.0
        if not event.phase:
            return
        if self._waited_for != (event.service, event.phase):
            self._waited_for, self._quiet_until = (event.service, event.phase), _PLAIN_EVERY
        if self._live:
            shown = event.text if event.phase == "weights" else f"{TITLES.get(event.phase, '')}  {seconds:.1f} s"
            self._bar(event.phase, shown)
        elif seconds > self._quiet_until:
            # Where lines cannot be written over, a sign of life is given now and then.
            self._quiet_until = seconds * 1.5
            last = f" ({event.text})" if event.text else ""
            self._line_out(f"{event.profile}: {TITLES.get(event.phase, 'waiting')}, {seconds:.0f} s so far{last}")

    def _line(self, event: Event) -> None:
        if self.verbose:
            self._line_out(f"  {event.text}")
        elif self._live:
            self._bar(self._phase_now, event.text)

    def _note(self, event: Event) -> None:
        self._line_out(event.text)

    def _ready(self, event: Event) -> None:
        """Prints the answer, one line, on standard output, and beside it for people how to use the engine."""
        self.end()
        at = f" at {', '.join(event.lines)}" if event.lines else ""
        say(f"{event.profile} is ready after {event.seconds or 0:.1f} s{at}")
        for one in event.clients:
            name = f"{one.service}: " if len(event.clients) > 1 else ""
            note(f"  {name}base URL {one.base_url}, model {one.model}")
            note_to_copy(f"  try: {one.paste}")

    def _bar(self, phase: str, text: str) -> None:
        done = PHASES.index(phase) if phase in PHASES else 0
        filled = _WIDTH * done // len(PHASES)
        self._over(f"[{'=' * filled}{'.' * (_WIDTH - filled)}] {text}")
