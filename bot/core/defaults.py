"""What applies without a configuration file: Django's own ways, for `django/django` alone."""

from __future__ import annotations

from bot.core.config import Configuration, parse

DJANGO = '''\
label = "council exception"
targets = ["stable/4.1.x", "stable/4.0.x", "stable/3.2.x"]
branch = "stable/{series}"
subject_prefix = "[{series}] "
trailer = "Backport of {sha} from {branch}."
head_branch = "backport/{series}/{sha}"
ticket_url = "https://code.djangoproject.com/ticket/{ticket}"
release_notes = "django"

[who]
team = "mergers"
permission = "maintain"

[tests]
command = ["{python}", "tests/runtests.py", "--parallel=1", "{labels}"]
labels = ["test_client.tests.AsyncClientTest", "test_client.tests.AsyncRequestFactoryTest"]
regression = [
    "test_client", "async", "handlers", "asgi", "middleware_exceptions", "staticfiles_tests",
]
test_paths = ["tests/"]
python = ["3.10", "3.11", "3.9", "3.8", "3.12"]
requirements = [
    "asgiref", "sqlparse", "pytz", "tblib", "backports.zoneinfo; python_version < '3.9'",
]
env = { PYTHONPATH = "{tree}" }
timeout = 300

[tests.branches."stable/3.2.x"]
python = ["3.9", "3.10", "3.8", "3.11", "3.12"]

[tests.branches."stable/4.1.x"]
python = ["3.11", "3.10", "3.9", "3.8", "3.12", "3.13"]

[exception]
rule = "django-spokesperson"
team = "steering-council"
requesters = "anyone"
recorders = "mergers"
set_label = true

[phases.main]
development = true

[phases."4.1.x"]
mainstream_until = 2023-04-30
security_until = 2023-12-31

[phases."4.0.x"]
mainstream_until = 2022-08-03
security_until = 2023-04-30

[phases."3.2.x"]
mainstream_until = 2021-12-07
security_until = 2024-04-30

[policy]
source = "https://docs.djangoproject.com/en/4.1/internals/release-process/#supported-versions"
as_of = 2022-12-30
team = "mergers"
release_paths = ["django/__init__.py", "docs/releases/", "docs/man/", "**/locale/"]

[[policy.clauses]]
phase = "development"
classes = [
    "security", "data-loss", "crash", "major-new-feature", "major-old-feature", "regression",
    "docs", "other",
]
text = """
The current development branch main will get new features and bug fixes requiring non-trivial \\
refactoring."""

[[policy.clauses]]
phase = "mainstream"
classes = ["security", "data-loss", "crash", "major-new-feature", "regression"]
text = """
Patches applied to the main branch must also be applied to the last feature release branch […] \\
when they fix critical problems: Security issues. Data loss bugs. Crashing bugs. Major \\
functionality bugs in new features of the latest stable release. Regressions from older versions \\
of Django introduced in the current release series."""

[[policy.clauses]]
phase = "mainstream"
classes = ["docs"]
text = "Documentation fixes generally will be more freely backported to the last release branch."

[[policy.clauses]]
phase = "security"
classes = ["security", "data-loss"]
text = """
Security fixes and data loss bugs will be applied to the current main branch, the last two \\
feature release branches, and any other supported long-term support release branches."""
'''

STARTER = """\
# Stablehand: how backports are made here. Every key is checked; unknown ones are errors.
label = "council exception"          # or "backport {series}" for a label per branch
targets = { pattern = "stable/{series}", order = "newest-first" }   # or a list of branches
branch = "stable/{series}"
subject_prefix = "[{series}] "
trailer = "Backport of {sha} from {branch}."
head_branch = "backport/{series}/{sha}"
release_notes = "none"               # or "django", "towncrier", "blurb", "changelog"

[who]                                # who may set the label
# team = "mergers"
permission = "maintain"

# [tests]                            # what runs on each backport, in a sandbox
# command = ["{python}", "-m", "pytest", "{labels}"]
# labels = ["tests/test_core.py"]      # what shows that a fix works, beside the tests it touches
# regression = ["tests/"]              # what shows that nothing else broke
# test_paths = ["tests/"]
# python = ["3.11", "3.12"]
# requirements = ["pytest"]
# timeout = 300

# [reminders]                          # of what waits for somebody, in one comment a week at most
# days = 14
"""


def built_in(full_name: str) -> Configuration | None:
    """Give the built-in configuration of a repository, None where it must have a file."""
    return django() if full_name == "django/django" else None


def django() -> Configuration:
    """Give Django's configuration, which local mode also uses where a repository has none."""
    return parse(DJANGO)
