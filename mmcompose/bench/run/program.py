"""The tasks of a kind whose measurement is a program in a container."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from mmcompose.bench.report.levels import Levels
from mmcompose.bench.run.begun import Run
from mmcompose.bench.run.launch import Ended


class Program(Levels, ABC):
    """Begins the program of a kind, and brings its result into the run's folder."""

    tool: str
    """The program's name in a result."""

    @abstractmethod
    def begin(self, run: Run, known: Mapping[str, Any], context: str, arguments: Sequence[str]) -> Sequence[str]:
        """Prepares the folder, and returns the options of this run alone.

        `context` is the path of a file inside the container with the `known` facts; `arguments` come from the command
        line.
        """

    @abstractmethod
    def end(self, run: Run, ended: Ended, preset: Mapping[str, Any]) -> int:
        """Completes the result of the profile's `preset`; returns the exit code."""
