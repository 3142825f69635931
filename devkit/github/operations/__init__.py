"""The operations that are served; importing this package registers them all."""

from devkit.github.operations import (
    apps,
    checks,
    comments,
    commits,
    issues,
    people,
    pulls,
    repositories,
)

__all__ = [
    "apps",
    "checks",
    "comments",
    "commits",
    "issues",
    "people",
    "pulls",
    "repositories",
]
