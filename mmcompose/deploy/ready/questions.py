"""Finds out when one engine answers: four questions over HTTP, each repeated until it is answered, often at first.

port (anything answers) → health (status 200) → model (the list has ours) → token (a first real answer)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import NamedTuple

from mmcompose.deploy.ready import probes, talk
from mmcompose.deploy.ready.talk import Address, Answer, NoAnswerError
from mmcompose.model import Probe

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.2
"""Seconds between two questions. A question takes a few milliseconds, so with a pause of 0.2 s the shown state is at
most 0.3 s old."""

_QUICK = 5.0
_PATIENT = 600.0
_FAULTS = 5
_LONGER = 2
"""How often a question is repeated with more tokens, after an answer without text."""
_HANGS = 1.0
"""Seconds after which an open question is worth a remark."""


class Reached(NamedTuple):
    phase: str
    seconds: float
    text: str = ""


class RefusedError(Exception):
    """Reports that the engine runs and refuses a correct request: waiting longer changes nothing."""


@dataclass
class Watch:
    """Questions one engine. `now` and `pause` are the clock; `pause` returns False to end the watch."""

    address: Address
    probe: Probe
    served_name: str | None
    key: str | None
    now: Callable[[], float]
    pause: Callable[[float], bool]
    within: float | None = None
    """Seconds for each question, however slowly its answer comes; None: no limit while a person watches."""
    last: str = field(default="nothing has answered yet", init=False)
    """The last answer, which explains why it takes so long."""
    model: str = field(default="", init=False)
    """The model's name in requests: its served name, else the first that the engine lists."""

    _pending: tuple[str, float] | None = field(default=None, init=False)
    """The path of a request without an answer, and since when."""
    _faults: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.model = self.served_name or ""

    @property
    def last_answer(self) -> str:
        """A request without an answer yet, else the engine's last answer."""
        pending = self._pending
        took = self.now() - pending[1] if pending else 0.0
        return f"{pending[0]} has given no answer for {took:.0f} s" if pending and took >= _HANGS else self.last

    @property
    def asks(self) -> bool:
        return self.probe.kind in probes.QUESTIONS

    def run(self) -> Iterator[Reached]:
        """Yields the phases as the engine reaches them; ends early when `pause` returns False."""
        steps: list[tuple[str, Callable[[], str | None]]] = [("port", self._port), ("health", self._health)]
        steps += [("model", self._model)] if self.probe.models else []
        steps += [("token", self._token)] if self.asks else []
        for phase, ask in steps:
            began, wait = self.now(), FIRST_PAUSE
            while (answer := self._answer(ask)) is None:
                if not self.pause(wait):
                    return
                wait = min(wait * 1.25, LONGEST_PAUSE)
            yield Reached(phase, self.now() - began, answer)

    def _answer(self, ask: Callable[[], str | None]) -> str | None:
        try:
            return ask()
        except NoAnswerError as nobody:
            path = self._pending[0] if self._pending else ""
            self.last = f"{self.address}{path}: {nobody}"
            return None
        finally:
            self._pending = None

    def _get(self, path: str) -> Answer:
        self._pending = (path, self.now())
        answer = talk.get(self.address, path, _QUICK, self.key, within=self.within)
        self.last = f"{path} answered {answer.status}" + (f": {answer.excerpt}" if answer.status != 200 else "")
        return answer

    def _port(self) -> str | None:
        """Asks the port. Docker's own proxy takes connections before the engine does, so only an answer counts."""
        self._get(self.probe.health or self.probe.models or "/")
        return ""

    def _health(self) -> str | None:
        return "" if not self.probe.health or self._get(self.probe.health).status == 200 else None

    def _model(self) -> str | None:
        assert self.probe.models
        answer = self._get(self.probe.models)
        _judge(answer, self.probe.models)
        data = answer.data
        if answer.status != 200 or not probes.models_served(data, self.served_name, self.probe.model_state):
            self.last = f"{self.probe.models} does not list {self.served_name or 'a model'} yet: {answer.excerpt}"
            return None
        self.model = self.served_name or probes.first_model(data)
        return self.model

    def _token(self) -> str | None:
        question = probes.QUESTIONS[self.probe.kind]
        path = self.probe.path or "/"
        body = probes.longer(question.body(self.model), min(self._faults, _LONGER))
        self._pending = (path, self.now())
        if question.streamed:
            return self._streamed(question, path, body)
        answer = talk.post(self.address, path, body, _PATIENT, self.key, self.within)
        return self._judged(answer, path, question)

    def _streamed(self, question: probes.Question, path: str, body: dict[str, object]) -> str | None:
        # Closing after the first text makes the engine stop generating.
        with closing(talk.stream(self.address, path, body, _PATIENT, self.key, self.within)) as parts:
            head = next(parts)
            assert isinstance(head, Answer)
            if head.status != 200 or head.body:
                return self._judged(head, path, question)
            answered = False
            for event in parts:
                if isinstance(event, dict) and event.get("error"):
                    raise RefusedError(f"{path} broke off: {event['error']}"[:300])
                if question.answered(event):
                    answered = True
                    if question.text(event):
                        return question.text(event)
        self._fault(f"{path} answered with an empty text" if answered else f"{path} ended without an answer")
        return None

    def _judged(self, answer: Answer, path: str, question: probes.Question) -> str | None:
        _judge(answer, path)
        if answer.status == 200 and question.answered(answer.data):
            if question.text(answer.data):
                return question.text(answer.data)
            self._fault(f"{path} answered with an empty text")
            return None
        self.last = f"{path} answered {answer.status}: {answer.excerpt}"
        if answer.status in (200, 500):
            self._fault(self.last)
        return None

    def _fault(self, what: str) -> None:
        """Counts a failed request: an engine that reports health and fails repeatedly will go on failing."""
        self.last = what
        self._faults += 1
        if self._faults >= _FAULTS:
            raise RefusedError(f"{what}, {_FAULTS} times")


def _judge(answer: Answer, path: str) -> None:
    """Judges an answer. Client errors other than "not now" are final."""
    if 400 <= answer.status < 500 and answer.status not in (408, 425, 429):
        raise RefusedError(f"{path} answered {answer.status}: {answer.excerpt}")


class Glimpse(NamedTuple):
    """The phase of an engine, and its last answer if it is not ready."""

    phase: str
    last_answer: str = ""


def glance(
    address: Address,
    probe: Probe,
    served_name: str | None,
    key: str | None = None,
    *,
    within: float = 2.0,
    ask: bool = True,
) -> Glimpse:
    """Looks once and quickly at the phase of an engine. `ask`: it is ready only if it answers a request."""
    end = time.monotonic() + within
    looked = probe if ask else Probe("none", None, probe.health, probe.models, probe.model_state)

    def again(seconds: float) -> bool:
        """Gives an empty first answer a second chance with more tokens; nothing else can change so fast."""
        if left[0] != "token" or time.monotonic() + seconds >= end:
            return False
        time.sleep(seconds)
        watch.within = end - time.monotonic()
        return watch.within > 0

    watch = Watch(address, looked, served_name, key, time.monotonic, again)
    left = ["port", "health", *(["model"] if probe.models else []), *(["token"] if watch.asks else [])]
    steps = watch.run()
    try:
        while left:
            watch.within = end - time.monotonic()
            if watch.within <= 0 or next(steps, None) is None:
                return Glimpse(left[0], watch.last)
            left.pop(0)
    except RefusedError as refused:
        return Glimpse(left[0], str(refused))
    return Glimpse("ready")
