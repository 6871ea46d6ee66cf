"""Gets, checks and removes the models of a project, by the program that fetches, in a container."""
