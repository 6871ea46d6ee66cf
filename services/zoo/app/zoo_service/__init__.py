"""Vision models, one at a time and each in a fresh process, so that what each takes can be measured."""

__version__ = "0.1.0"
