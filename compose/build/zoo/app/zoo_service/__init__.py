"""Vision models, one at a time and each in a fresh process, so that the memory of each can be measured."""

__version__ = "0.1.0"
