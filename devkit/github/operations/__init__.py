"""The operations that are served; importing this package registers them all."""

from devkit.github.operations import (
    actions,
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
    "actions",
    "apps",
    "checks",
    "comments",
    "commits",
    "issues",
    "people",
    "pulls",
    "repositories",
]
