"""What a run asks of its kind, where that is a program in a container."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from mmcompose.bench.report.levels import Levels
from mmcompose.bench.run.begun import Run
from mmcompose.bench.run.launch import Ended


class Program(Levels, ABC):
    """How the program of a kind begins, and how its result comes into the run's folder."""

    tool: str
    """What a result calls the program."""

    @abstractmethod
    def begin(self, run: Run, known: Mapping[str, Any], context: str, arguments: Sequence[str]) -> Sequence[str]:
        """Prepares the folder, and returns the options that only this run has. `context` is the path of a file inside
        the container that holds what is `known`; `arguments` are those that a person gave."""

    @abstractmethod
    def end(self, run: Run, ended: Ended, preset: Mapping[str, Any]) -> int:
        """Completes the result, to which the options of the profile's `preset` led; returns the exit code."""
