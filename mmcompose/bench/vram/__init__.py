"""GPU memory of profiles and of the vision zoo: what each takes, how long it needs to load, and what it leaves behind."""
