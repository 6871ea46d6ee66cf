"""The test bed: a real Docker Engine, images and models on a bare Debian machine that can reach no container registry.

``python -m tests.bed up`` sets it up; run again, it repairs what is missing and leaves the rest alone.
The set-up needs the standard library only.
"""
