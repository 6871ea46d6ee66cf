"""The parts that our HTTP services share: command lines, uploads, refusals, a queue, metrics."""
