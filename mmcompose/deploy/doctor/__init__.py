"""`mmcompose doctor`: can this machine run these profiles?

look.py observes, the files named *_checks.py judge what was observed, table.py names the checks in their order.
"""
