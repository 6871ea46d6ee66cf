"""A template is a program of whoever wrote the commit: it reaches nothing but the values that it is given."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mmcompose.core.render.cost import CostsTooMuchError
from mmcompose.files.gather import bounds
from mmcompose.files.gather.bounds import Bounds
from tests.disk import mmcompose, project
from tests.making import ROOT, compilation

if TYPE_CHECKING:
    from pathlib import Path

CHAT = "model: qwen-small\nhost: cpu\nports: {api: auto}\n"
SERVICE = "templates/llamacpp/service.yaml.j2"
SHIPPED = (ROOT / SERVICE).read_text(encoding="utf-8")
ATTACKS = [
    "{% set x = cycler.__init__.__globals__.os.popen('id').read() %}",
    "{% set x = ''.__class__.__mro__[1].__subclasses__() %}",
    "{{ ''|attr('__class__') }}",
    "{% set x = '{0.__class__}'.format(1) %}",
    "{% set x = ('{0.__class__}'|attr('format'))(1) %}",
    "{{ unit.why.__func__ }}",
    "{% set x = unit.service.env.update({'A': 'b'}) %}",
    "{% set x = unit.placed_reasons.add('args') %}",
    "{{ self.__init__ }}",
    "{% set x = joiner.__init__.__builtins__ %}",
    "{% set x = range(10**9)|list %}",
    "{% set x = 2 ** (10 ** 9) %}",
    "{% set x = 10 ** 60 ** 60 %}",
    "{% set n = namespace(a=9 ** 64) %}{% for i in range(60) %}{% set n.a = n.a * n.a %}{% endfor %}",
    "{% set x = " + " * ".join(["9 ** 64"] * 30) + " %}",
    "{% set x = 'x' * 1000 * 1000 * 1000 %}",
    "{% set x = 9000 * [0] * 9000 %}",
    "{% set x = 1.5|round(1000000000, 'ceil') %}",
    "{% include '/etc/passwd' %}",
    "{% include '../../etc/passwd' %}",
    "{% import 'os' as os %}{{ os }}",
]
COSTLY = [
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% set n = namespace(s='x') %}{% for a in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
    "{% set x = 'x'.ljust(10 ** 12) %}",
    "{% set x = 'x'|center(10 ** 11) %}",
    "{% set x = 'x' * 10 ** 12 %}",
    "{% set x = [0] * 10 ** 12 %}",
    "{% set x = '%1000000000000d' % 1 %}",
    "{% for a in range(90000) %}\n# {{ 'a long line of nothing that a reader would ever want to see' }}\n{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
]


def faults(template: str) -> list[str]:
    made = compilation({"profiles/job.yaml": CHAT, SERVICE: template + SHIPPED}, bounds=Bounds())
    assert not [problem for problem in made.problems if problem.severity == "error"]
    return [str(problem) for problem in made.artifacts()[1]]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_a_problem_at_its_line(attack: str) -> None:
    (fault,) = faults("\n\n" + attack)
    assert fault.startswith((f"{SERVICE}:3:1: ", "templates//etc/", "templates/../", "templates/os:"))
    assert "while rendering job" in fault


@pytest.mark.parametrize("template", COSTLY)
def test_a_template_that_takes_too_much_is_stopped_at_its_line(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SECONDS", 0.5)
    (fault,) = faults("\n" + template)
    assert fault.startswith(("templates/llamacpp/service.yaml.j2:", "templates/compose/compose.yaml.j2:"))


def test_after_a_template_that_took_too_much_no_other_profile_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SECONDS", 0.5)
    profiles = {f"profiles/job{number}.yaml": CHAT for number in range(20)}
    made = compilation({**profiles, SERVICE: COSTLY[0] + SHIPPED}, bounds=Bounds())
    (fault,) = made.artifacts()[1]
    assert "takes more than" in fault.message


def test_what_ends_a_template_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SECONDS", 0.2)
    kept = Bounds()
    with pytest.raises(CostsTooMuchError):
        _for_ever(kept)
    with kept:
        pass
    for _ in range(3_000_000):  # longer than the bound, and outside of it
        pass
    assert len(bytes(bounds.MEMORY + 1)) > bounds.MEMORY


def _for_ever(kept: Bounds) -> None:
    with kept:
        while True:
            pass


def test_shipped_templates_render_in_the_sandbox_as_they_did() -> None:
    texts, problems = compilation({"profiles/job.yaml": CHAT}).artifacts()
    assert problems == []
    assert "read_only: true" in texts["compose/job.yaml"]


def test_a_command_that_judges_runs_nothing_of_a_template(tmp_path: Path) -> None:
    attack = f"{{% set x = cycler.__init__.__globals__.os.system('touch {tmp_path}/pwned') %}}\n"
    folder = project(tmp_path / "project", {"aa": CHAT, SERVICE: attack + SHIPPED})
    for command in (["validate"], ["render", "--check"], ["render", "--diff"], ["render"], ["doctor"]):
        mmcompose(folder, *command)
        assert not (tmp_path / "pwned").exists()
    answer = mmcompose(folder, "validate")
    assert answer.code == 2
    assert f"{SERVICE}:1:1: access to attribute '__init__' of 'type' object is unsafe" in answer.err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such timers")
def test_a_single_step_that_hears_nobody_is_ended_by_the_system() -> None:
    nested = "".join(f"{{% set n.{name} = [n.{name}, n.{name}] %}}" for name in "ab")
    loop = f"{{% for i in range(60) %}}{nested}{{% endfor %}}"
    template = "{% set n = namespace(a=[1], b=[1]) %}" + loop + "{% if n.a == n.b %}{% endif %}"
    program = f"""
from mmcompose.files.gather import bounds
bounds._AT_LAST = 1.0
from tests.core.test_sandbox import faults
faults({template!r})
"""
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGPROF, ended
