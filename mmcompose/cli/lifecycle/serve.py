"""`mmcompose serve`: a model that has no profile, served in the foreground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.lifecycle.foreground import in_foreground, tested
from mmcompose.cli.lifecycle.saving import refuse_name, save
from mmcompose.cli.printing.output import fail, note, say, say_event, typed
from mmcompose.cli.shell import completing
from mmcompose.cli.shell.bringing import fresh
from mmcompose.cli.shell.choosing import chosen
from mmcompose.cli.shell.ending import EventCommand, about
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.here import overrides
from mmcompose.cli.shell.start_options import Wish, fetching, parallel, patience, taking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mmcompose.deploy.start.at_hand import AtHand
    from mmcompose.deploy.start.model_in_place import InPlace


@click.command("serve", cls=EventCommand)
@click.argument("model", metavar="MODEL_OR_PATH", callback=named, shell_complete=completing.models)
@click.option("--save", "kept", metavar="NAME", callback=named, help="Also keep it as profiles/NAME.yaml.")
@click.option("--test", "testing", is_flag=True, help="Ask it one whole question, take it down, and end.")
@parallel
@click.option(
    "--gpu-memory-utilization",
    "memory_share",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="SHARE",
    help="The share of each GPU's memory, 0.9 for instance, under the name that the engine has for it.",
)
@patience()
@taking("; they stay down")
@fetching
@click.pass_obj
def command(
    folder: str, /, model: str, kept: str | None, testing: bool, memory_share: float | None, **options: Any
) -> None:
    """Serve a model that has no profile, in the foreground: show the profile made for it, bring it up, show its log,
    and take it down at Ctrl-C or SIGTERM.

    MODEL_OR_PATH is a GGUF file, a folder with safetensors or OpenVINO files, OWNER/NAME on the model hub
    (OWNER/NAME/FILE.gguf), or a model of profiles/models. Its format chooses the engine, and it gets all GPUs of the
    project's host. A model that a profile serves is served by that profile. What was downloaded stays.

    Exit code 1: others are in the way; 4: it did not come up, its answer is wrong, or it ended by itself.

    \b
    mmcompose serve ~/models/zai-org/GLM-4.6V-FP8
    mmcompose serve ~/models/unsloth/GLM-GGUF/UD-Q4_K_XL --backend ik_llama --save glm
    mmcompose serve ./model.gguf --test --set args.ctx_size=4096
    """
    from mmcompose.deploy.start.model_in_place import Requested, may_be_model, model_in_place

    here = fresh(folder, () if may_be_model(model) else (model,))
    if kept is not None:
        refuse_name(here, kept)
    found = model_in_place(here, model, Requested("serve", overrides(options), memory_share=memory_share))
    if found is None:
        here, name = _of_profile(here, model, kept, memory_share, options)
    else:
        here, name = found.here, found.name
        _show(found, model, options["style"])
        if kept is not None:
            save(here, kept, found.text)
    about(name)
    wanted = Wish(take=options.pop("take"), taking=typed("--take"), stays=False, **_of_wish(options))
    if testing:
        tested(here, name, wanted)
    else:
        in_foreground(here, name, wanted, owned=False)
    if found is not None:
        _tell_volumes(here, name)


def _of_wish(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("timeout", "rebuild", "verbose", "style")}


def _of_profile(
    here: AtHand, model: str, kept: str | None, memory_share: float | None, options: Mapping[str, Any]
) -> tuple[AtHand, str]:
    """The profile that has this name or serves this model, with the values of the command line."""
    from mmcompose.deploy.start.model_in_place import memory_share_of

    name = chosen(here.made.profiles, model)
    profile = here.made.profiles[name]
    if kept is not None:
        fail(f"--save: {model} has a profile already, {profile.file}: copy it, or name the model's files", 2)
    note(f"{model} is served by the profile {name}, which is used")
    values = overrides(options)
    for service in profile.services.values():
        values += memory_share_of(here.made, str(service.backend), memory_share)
    return here.with_values(name, values), name


def _show(found: InPlace, model: str, style: str) -> None:
    if style == "json":
        say_event({"event": "profile", "profile": found.name, "backend": found.backend, "text": found.text})
        return
    note(f"{model} as {found.name}, on {found.backend}: {found.kept}")
    say(found.text.rstrip("\n"))


def _tell_volumes(here: AtHand, name: str) -> None:
    from mmcompose.deploy.start.down import volumes_kept

    if stay := volumes_kept(here.stack, name):
        note(stay)
