"""A local GitHub: REST checked against GitHub's description, git over HTTP, signed webhooks."""

from devkit.github.bare import Person
from devkit.github.faults import Fault
from devkit.github.local import ContractBroken, LocalGitHub, running_github
from devkit.github.merging import MergeConflict, StillDraft
from devkit.github.registration import AppRegistration

__all__ = [
    "AppRegistration",
    "ContractBroken",
    "Fault",
    "LocalGitHub",
    "MergeConflict",
    "Person",
    "StillDraft",
    "running_github",
]
