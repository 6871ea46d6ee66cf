"""What our HTTP services share: command lines, uploads, refusals, a line of waiting requests, metrics."""
