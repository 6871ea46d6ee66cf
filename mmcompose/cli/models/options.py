"""Options of the commands of models."""

from __future__ import annotations

import click

from mmcompose.cli.shell import completing

names_of_models = click.argument("names", nargs=-1, metavar="NAMES...", shell_complete=completing.models_and_profiles)
all_of_them = click.option("--all", "every", is_flag=True, help="All that the profiles use.")
