"""The disk: find, read, write, lock. Nothing here touches Docker."""
