"""When does one engine answer? Four questions over HTTP, each asked until it is answered, often at first.

port (anything answers) → health (it says 200) → model (it lists ours) → token (a first real answer)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import NamedTuple

from mmcompose.deploy import probes, talk
from mmcompose.deploy.talk import Address, Answer, NoAnswerError
from mmcompose.model import Probe

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.2
"""A question takes a few milliseconds, so a pause of 0.2 s keeps what is said within 0.3 s of what is so."""

_QUICK = 5.0
_PATIENT = 600.0
_FAULTS = 5


class Reached(NamedTuple):
    phase: str
    seconds: float
    text: str = ""


class RefusedError(Exception):
    """The engine runs, and says no to a right request: waiting longer changes nothing."""


@dataclass
class Watch:
    """One engine being asked. `now` and `pause` are the clock; `pause` answers False to end the watch."""

    address: Address
    probe: Probe
    served_name: str | None
    key: str | None
    now: Callable[[], float]
    pause: Callable[[float], bool]
    last: str = field(default="nothing has answered yet", init=False)
    """What was heard last, for the one who asks why it takes so long."""
    model: str = field(default="", init=False)
    """The name by which it is asked: the one that it was given, else the first that it lists."""

    def __post_init__(self) -> None:
        self.model = self.served_name or ""

    def run(self) -> Iterator[Reached]:
        """The phases as they are reached; ends early when the pause says so."""
        steps: list[tuple[str, Callable[[], str | None]]] = [("port", self._port), ("health", self._health)]
        steps += [("model", self._model)] if self.probe.models else []
        steps += [("token", self._token)] if self.probe.kind in probes.QUESTIONS else []
        for phase, ask in steps:
            began, wait = self.now(), FIRST_PAUSE
            while (answer := self._heard(ask)) is None:
                if not self.pause(wait):
                    return
                wait = min(wait * 1.25, LONGEST_PAUSE)
            yield Reached(phase, self.now() - began, answer)

    def _heard(self, ask: Callable[[], str | None]) -> str | None:
        try:
            return ask()
        except NoAnswerError as nobody:
            self.last = f"{self.address}: {nobody}"
            return None

    def _get(self, path: str) -> Answer:
        answer = talk.get(self.address, path, _QUICK, self.key)
        self.last = f"{path} answered {answer.status}" + (f": {answer.words}" if answer.status != 200 else "")
        return answer

    def _port(self) -> str | None:
        """Docker's own proxy takes connections before the engine does, so only an answer counts."""
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
            self.last = f"{self.probe.models} does not list {self.served_name or 'a model'} yet: {answer.words}"
            return None
        self.model = self.served_name or probes.first_model(data)
        return self.model

    def _token(self) -> str | None:
        question = probes.QUESTIONS[self.probe.kind]
        path = self.probe.path or "/"
        body = question.body(self.model)
        if question.streamed:
            return self._streamed(question, path, body)
        answer = talk.post(self.address, path, body, _PATIENT, self.key)
        return self._judged(answer, path, question)

    def _streamed(self, question: probes.Question, path: str, body: dict[str, object]) -> str | None:
        # Closed after the first word, which tells the engine to stop generating.
        with closing(talk.stream(self.address, path, body, _PATIENT, self.key)) as parts:
            head = next(parts)
            assert isinstance(head, Answer)
            if head.status != 200 or head.body:
                return self._judged(head, path, question)
            for event in parts:
                if isinstance(event, dict) and "error" in event:
                    raise RefusedError(f"{path} broke off: {event['error']}"[:300])
                if question.answered(event):
                    return question.text(event)
        self.last = f"{path} ended without an answer"
        self._fault()
        return None

    def _judged(self, answer: Answer, path: str, question: probes.Question) -> str | None:
        _judge(answer, path)
        if answer.status == 200 and question.answered(answer.data):
            return question.text(answer.data)
        self.last = f"{path} answered {answer.status}: {answer.words}"
        if answer.status in (200, 500):
            self._fault()
        return None

    _faults = 0

    def _fault(self) -> None:
        """An engine that is well and fails the same request again and again will go on doing so."""
        self._faults += 1
        if self._faults >= _FAULTS:
            raise RefusedError(self.last)


def _judge(answer: Answer, path: str) -> None:
    """Client errors other than "not now" are final."""
    if 400 <= answer.status < 500 and answer.status not in (408, 425, 429):
        raise RefusedError(f"{path} answered {answer.status}: {answer.words}")


def glance(address: Address, probe: Probe, served_name: str | None, key: str | None = None) -> str:
    """The phase in which an engine is right now, by one quick look; no request for a token."""
    pause: Callable[[float], bool] = lambda _: False  # noqa: E731
    watch = Watch(
        address, Probe("none", None, probe.health, probe.models, probe.model_state), served_name, key, _still, pause
    )
    reached = [step.phase for step in _until_refused(watch)]
    order = ["port", "health", *(["model"] if probe.models else [])]
    left = [phase for phase in order if phase not in reached]
    return left[0] if left else "ready"


def _until_refused(watch: Watch) -> Iterator[Reached]:
    try:
        yield from watch.run()
    except RefusedError:
        return


def _still() -> float:
    return 0.0
