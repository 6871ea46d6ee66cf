"""GPU memory of profiles and of the vision zoo: what each takes, how long it loads, and what it leaves behind."""
