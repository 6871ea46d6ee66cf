"""One file for each kind of source; each reads a text into containers."""
