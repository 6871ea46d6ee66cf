"""Fetches models and data sets into the store that all engines of a machine read, and checks what lies there.

It needs nothing but Python 3.10 or newer, so that the image of any engine that has a Python can run it.
"""

__version__ = "1"
