"""System git, driven without any work tree: the mirror of a project, and a person's own clone."""
