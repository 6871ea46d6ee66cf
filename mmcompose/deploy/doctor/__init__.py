"""Checks whether this machine can run these profiles.

look.py observes, the files named *_checks.py judge, table.py lists the checks in their order.
"""
