"""The evals, a file each, in the form of the client's kinds."""

from benchmarks.mmbench.kinds import Kinds

KINDS = Kinds("mmeval", __name__)
