"""The command line: parse, call, print. One short file per command."""
