"""The outside: GitHub, git, the sandbox, processes."""
