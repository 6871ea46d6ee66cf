"""The pure middle: layers in, a dictionary of path and text out. No disk, no clock, no environment."""
