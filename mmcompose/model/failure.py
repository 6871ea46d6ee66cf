"""The one exception that ends a command: raised where the cause is known, shown in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmcompose.model.problem import Problem


class Failure(Exception):  # noqa: N818 - a message for the reader and an exit code
    """Ends a command with a message, a hint and an exit code: 1 refused, 2 invalid input, 4 failed while running.

    A machine that reads events gets the same as `event` (its name, where the code does not give it) with `facts` beside
    the message.
    """

    code = 1

    def __init__(self, message: str, code: int | None = None, event: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = self.code if code is None else code
        self.event = event or ("failed" if self.code == 4 else "refused")
        self.facts: dict[str, Any] = {"text": message} | facts

    def data(self) -> dict[str, Any]:
        known = {name: value for name, value in self.facts.items() if value not in ("", [], None)}
        return {"event": self.event, **known, "code": self.code}


class Invalid(Failure):
    """Reports problems in files or options, each with its place and reason."""

    code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)), problems=[problem.data() for problem in problems])
        self.problems = problems
