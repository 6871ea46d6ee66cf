"""The only room that touches Docker."""
