"""Projects that earlier releases made: each must still be read, rendered and run."""
