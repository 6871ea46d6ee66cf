"""On a newcomer's machine: said before it is done, never beside somebody's Docker, nothing linked, all of it undone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.docker import noted_engine
from tests.bed import added, announce, debian, engine, network, permission, place, shell, somebodys, undo
from tests.bed.commands import BedError, NotHereError
from tests.bed.engine import NoEngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A root's home on Debian with a bed of its own, where no Docker answers and nothing may really be done."""
    for name in (
        "DOCKER_HOST",
        "DOCKER_CONFIG",
        "DOCKER_CONTEXT",
        "XDG_STATE_HOME",
        "XDG_RUNTIME_DIR",
        permission.FORBIDS,
    ):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setenv("MMCOMPOSE_BED", str(tmp_path / "bed"))
    monkeypatch.setattr(place, "short", lambda: place.folder("short"))
    monkeypatch.setattr(noted_engine, "USUAL", tmp_path / "docker.sock")
    monkeypatch.setattr(somebodys, "UNITS", (str(tmp_path / "docker.service"),))
    monkeypatch.setattr(somebodys, "FOLDERS", (str(tmp_path / "var-lib-docker"),))
    monkeypatch.setattr(somebodys, "SOCKETS", (str(tmp_path / "docker.sock"),))
    monkeypatch.setattr(permission, "is_root_on_debian", lambda: True)
    monkeypatch.setattr(engine, "answers", lambda: False)
    monkeypatch.setattr(debian, "missing_tools", lambda: {"runc", "containerd"})
    announce.first.cache_clear()


def test_what_will_be_touched_is_listed_with_the_way_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    announce.first(engine=True)
    printed = capsys.readouterr().out
    for term in ("containerd runc", str(tmp_path / "bed"), "engine.json", "iptables", "make undo", "=0 forbids it"):
        assert term in printed


@pytest.mark.parametrize("terminal", [True, False])
def test_only_on_a_terminal_it_waits(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    monkeypatch.setattr(sys, "stdin", Terminal(terminal))
    monkeypatch.setattr(sys, "stdout", Terminal(terminal))
    announce.first(engine=True)
    assert waited == ([announce.SECONDS] if terminal else [])


class Terminal:
    def __init__(self, is_one: bool) -> None:
        self.isatty = lambda: is_one

    def write(self, _: str) -> None: ...
    def flush(self) -> None: ...


def test_where_all_is_done_nothing_is_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "missing_tools", set)
    shell.programs().mkdir(parents=True)
    announce.first(engine=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("sign", ["docker.service", "var-lib-docker", "docker.sock", "home/.local/share/docker"])
def test_beside_a_docker_that_is_stopped_or_slow_nothing_is_set_up(sign: str, tmp_path: Path) -> None:
    (tmp_path / sign).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / sign).touch()
    with pytest.raises(NoEngineError, match=rf"there is one on this machine \(.*{sign}\): start it"):
        engine.ensure()


def test_beside_a_context_that_was_chosen_nothing_is_set_up(tmp_path: Path) -> None:
    (tmp_path / "home/.docker").mkdir(parents=True)
    (tmp_path / "home/.docker/config.json").write_text('{"currentContext": "far"}')
    with pytest.raises(NoEngineError, match="a Docker context that was chosen"):
        engine.ensure()


def test_the_socket_that_an_older_bed_left_at_the_usual_place_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "docker.sock").touch()
    record = place.folder("engines", "default") / "process.json"
    record.write_text(json.dumps({"command": ["dockerd", "--host", f"unix://{tmp_path}/docker.sock"]}))
    assert somebodys.docker() == []


INSTALLS: dict[str, Callable[[], object]] = {
    "an engine": engine.ensure,
    "packages": debian.install_host_tools,
    "plugins": lambda: debian.unpack("forky", {"docker-compose": "1"}, place.home() / "engine"),
}


@pytest.mark.parametrize("install", INSTALLS.values(), ids=INSTALLS)
def test_one_variable_forbids_all_installing(install: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(permission.FORBIDS, "0")
    monkeypatch.setattr("tests.bed.commands.subprocess.run", lambda *_, **__: pytest.fail("something was run"))
    with pytest.raises(NotHereError, match="MMCOMPOSE_INSTALL_DOCKER=0 forbids installing it"):
        install()


def test_a_shell_is_given_the_engine_its_docker_and_its_plugins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    docker = engine.program("docker")
    docker.parent.mkdir(parents=True)
    docker.write_text("#!/bin/sh\n")
    docker.chmod(0o755)
    monkeypatch.setattr(noted_engine, "listens", lambda path: path == shell.socket())
    shell.enter()
    requested = f'{shell.line()}; command -v docker; echo "$DOCKER_HOST"; cat "$DOCKER_CONFIG/config.json"'
    clean = {"PATH": os.defpath, "HOME": str(tmp_path)}
    printed = subprocess.run(["sh", "-c", requested], env=clean, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines()[:2] == [str(docker), f"unix://{shell.socket()}"]
    assert str(shell.programs() / shell.PLUGINS) in printed


def test_mmcompose_is_reported_and_the_note_is_taken_back(tmp_path: Path) -> None:
    shell.note()
    assert noted_engine.read()["DOCKER_HOST"] == f"unix://{shell.socket()}"
    shell.forget()
    assert noted_engine.read() == {}
    assert not (tmp_path / "home/.local/state/mmcompose").exists()


def test_the_note_of_another_bed_stays() -> None:
    path = noted_engine.place()
    assert path
    path.parent.mkdir(parents=True)
    path.write_text('{"DOCKER_HOST": "unix:///elsewhere"}')
    shell.forget()
    assert path.exists()


def test_passwords_of_the_users_docker_are_not_copied(tmp_path: Path) -> None:
    (tmp_path / "home/.docker/contexts").mkdir(parents=True)
    (tmp_path / "home/.docker/config.json").write_text(
        '{"auths": {"r": {"auth": "word"}}, "currentContext": "default"}'
    )
    made = json.loads((shell.settings() / "config.json").read_text())
    assert made.keys() == {"currentContext", "cliPluginsExtraDirs"}
    assert (shell.settings() / "contexts").is_symlink()


OFFERED = "docker.io | 29.1-1 | archive\ndocker.io | 28.5-9 | archive\n"


@pytest.mark.parametrize(("pinned", "taken"), [("28.5-9", "28.5-9"), ("28.5*", "28.5-9"), ("28.4-1", "29.1-1")])
def test_a_suite_that_has_moved_on_gives_what_it_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], pinned: str, taken: str
) -> None:
    monkeypatch.setattr(debian, "run", lambda *_: OFFERED)
    assert debian.offered(["apt-get", "-qq"], "forky", {"docker.io": pinned}) == {"docker.io": taken}
    assert ("no longer has docker.io 28.4-1: taking 29.1-1" in capsys.readouterr().out) is (taken == "29.1-1")


def test_an_image_takes_what_the_suite_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "lists_of", lambda *_: ["apt-get", "-qq"])
    monkeypatch.setattr(debian, "run", lambda *_: OFFERED)
    assert debian.on_offer("forky", ("curl", "docker.io=28.4-1")) == ("curl", "docker.io=29.1-1")


def test_a_package_that_the_suite_dropped_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "run", lambda *_: "")
    with pytest.raises(BedError, match=r"forky has no package docker\.io"):
        debian.offered(["apt-get", "-qq"], "forky", {"docker.io": "1"})


NEEDS = {"runc": {"containerd"}, "containerd": set(), "curl": {"theirs"}, "libcurl4": {"curl"}, "theirs": set()}
"""Package → those that depend on it."""


def purged(names: Sequence[str]) -> set[str]:
    found = set(names)
    while more := {user for name in found for user in NEEDS[name]} - found:
        found |= more
    return found


def test_packages_go_but_for_those_that_something_else_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    went: list[str] = []
    monkeypatch.setattr(added, "installed", lambda: set(NEEDS))
    monkeypatch.setattr(
        added, "run", lambda *arguments, **_: "".join(f"Purg {name} [1]\n" for name in purged(arguments[4:]))
    )
    monkeypatch.setattr(added, "patiently", lambda *arguments: went.extend(arguments[2:]))
    added.note(["runc", "containerd", "curl", "libcurl4", "removed-since"])
    assert added.take_back() == ({"runc", "containerd"}, {"curl", "libcurl4"})
    assert went == ["containerd", "runc"]
    assert added.noted() == set()


RULES = """\
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:DOCKER - [0:0]
-A INPUT -p tcp --dport 22 -j ACCEPT
-A FORWARD -j DOCKER-USER
-A FORWARD -i br-0123456789ab -j ACCEPT
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
COMMIT
"""


def test_rules_of_the_engine_go_and_others_stay() -> None:
    kept = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"
    assert network.without_docker(RULES, "ACCEPT") == kept
    assert network.without_docker(kept, "DROP") == kept


def volume(name: str) -> Path:
    made = undo.root() / "volumes" / name / "_data"
    made.mkdir(parents=True)
    (made / "weights").write_text("kept")
    return made / "weights"


@pytest.mark.parametrize(("with_volumes", "left"), [(False, True), (True, False)])
def test_volumes_stay_where_nobody_can_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, with_volumes: bool, left: bool
) -> None:
    monkeypatch.setattr(added, "take_back", lambda: (set(), set()))
    monkeypatch.setattr(sys, "stdin", Terminal(False))
    weights, image = volume("models"), undo.root() / "overlay2" / "layer"
    volume("a" * 64)
    image.mkdir(parents=True)
    undo.everything(with_volumes=with_volumes)
    assert (weights.exists(), image.exists()) == (left, False)
    assert ("kept: the volumes models in" in capsys.readouterr().out) is left


@pytest.mark.parametrize(("answer", "left"), [("y", False), ("", True), ("no", True)])
def test_on_a_terminal_volumes_are_requested(monkeypatch: pytest.MonkeyPatch, answer: str, *, left: bool) -> None:
    monkeypatch.setattr(added, "take_back", lambda: (set(), set()))
    monkeypatch.setattr(sys, "stdin", Terminal(True))
    monkeypatch.setattr("builtins.input", lambda _: answer)
    weights = volume("models")
    undo.everything()
    assert weights.exists() is left


def test_the_link_and_copies_of_a_release_before_go_and_those_of_others_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    link, plugins = tmp_path / "bin-docker", tmp_path / "plugins"
    monkeypatch.setattr(undo, "OLD_LINK", link)
    monkeypatch.setattr(undo, "OLD_PLUGINS", plugins)
    link.symlink_to(engine.program("docker"))
    ours = shell.programs() / shell.PLUGINS
    for folder, content in ((ours, "ours"), (plugins, "ours")):
        folder.mkdir(parents=True)
        (folder / "docker-compose").write_text(content)
        (folder / "docker-buildx").write_text(content if folder == ours else "theirs")
    undo.old_copies_back()
    assert not link.is_symlink()
    assert [path.name for path in plugins.iterdir()] == ["docker-buildx"]
    shutil.rmtree(plugins)


def test_undo_lists_what_goes_and_begins_only_with_consent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.bed.__main__ import main

    begun: list[bool] = []
    monkeypatch.setattr(undo, "everything", lambda *, with_volumes: begun.append(with_volumes))
    monkeypatch.setattr(undo, "listed", lambda: ["  every container of its engine"])
    monkeypatch.setattr(shell, "enter", lambda: None)
    monkeypatch.setattr("sys.stdin", StringIO())
    assert main(["undo"]) == 4
    printed = capsys.readouterr()
    assert "every container of its engine" in printed.out
    assert "nothing was removed" in printed.err
    assert begun == []
    assert main(["undo", "--yes"]) == 0
    assert begun == [False]
