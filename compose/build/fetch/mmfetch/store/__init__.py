"""The store on the disk: where files lie, which of them are known to be whole, and how one gets its name."""
