"""Answers command lines with SGLang's real `ServerArgs` parser; packages that are missing here are lent empty.

python sglang_parser.py SOURCE    SOURCE: the folder that holds the unpacked package `sglang`
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from tests.heavy.argparse_oracle import Forgiving, StandIn, answer

NEVER = ("sglang.srt.utils.hf_transformers_patches",)  # it changes a transformers that is not there
NEEDED = ("sglang.srt.server_args", "sglang.srt.arg_groups")


def main() -> None:
    out, sys.stdout = sys.stdout, sys.stderr
    os.environ.setdefault("SGLANG_USE_CPU_ENGINE", "1")
    sys.path.insert(0, sys.argv[1])
    sys.meta_path.insert(0, Forgiving("sglang", NEEDED, NEVER))
    sys.meta_path.append(StandIn(["sglang"]))
    arguments = importlib.import_module("sglang.srt.server_args").ServerArgs
    parser = argparse.ArgumentParser(prog="launch_server")
    arguments.add_cli_args(parser)
    answer(parser, out)


if __name__ == "__main__":
    main()
