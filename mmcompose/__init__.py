"""mmcompose: profiles in, reviewed compose files out."""

__version__ = "0.1.0"
