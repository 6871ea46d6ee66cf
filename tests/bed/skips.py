"""With CI=true a test may be skipped only when tests/may-skip.txt names it, with a reason."""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

LIST = Path(__file__).parents[1] / "may-skip.txt"


def reasons(text: str) -> dict[str, str]:
    """Test id, or a pattern of ids, → reason. A line without a reason is refused."""
    named: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        test, found, reason = line.partition("  # ")
        if not found or not reason.strip():
            raise ValueError(f"{LIST.name}:{number}: write the test's id, two blanks, '# ' and the reason: {line!r}")
        named[test.strip()] = reason.strip()
    return named


def may_skip(test: str, named: Mapping[str, str]) -> bool:
    """An id is compared as it is, brackets and all; ``*`` stands for anything."""
    literal = str.maketrans({"[": "[[]"})
    return any(fnmatch.fnmatchcase(test, pattern.translate(literal)) for pattern in named)


def skips_are_failures() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def refuse(report: pytest.TestReport | pytest.CollectReport, named: Mapping[str, str]) -> None:
    """Turn a skip that nobody allowed into a failure that says what to do."""
    if not report.skipped or hasattr(report, "wasxfail") or may_skip(report.nodeid, named):
        return
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: {why}\nWith CI=true only tests named in {LIST.name} may be skipped."


class RefuseSkips:
    """The plugin; registered only where skips are failures."""

    def __init__(self, named: Mapping[str, str]) -> None:
        self.named = named

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, Any]:
        report = yield
        refuse(report, self.named)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, Any, Any]:
        report = yield
        refuse(report, self.named)
        return report


def pytest_configure(config: pytest.Config) -> None:
    try:
        named = reasons(LIST.read_text() if LIST.exists() else "")
    except ValueError as mistake:
        raise pytest.UsageError(str(mistake)) from mistake
    if skips_are_failures():
        config.pluginmanager.register(RefuseSkips(named), "refuse-skips")
