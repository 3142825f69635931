from __future__ import annotations

import pytest

from bot.core import config, defaults
from bot.core.config import ConfigurationError
from bot.core.model import Target

MISTAKES = {
    'targets = ["a"]\nlabl = "x"': "`labl`: unknown key; allowed here are `branch`",
    'label = "x"': "`targets`: this key is needed",
    "targets = 3": "`targets`: found `3`; input should be a valid list",
    "targets = []": "`targets`: found `[]`; list should have at least 1 item",
    'targets = ["a..b"]': "`targets.0`: found `'a..b'`; this is no valid git branch name",
    'targets = ["a", 3]': "`targets.1`: found `3`; input should be a valid string",
    'targets = {pattern = "x/*"}': "`targets.pattern`: found `'x/*'`",
    'targets = {pattern = "{series}", order = "up"}': "'newest-first' or 'oldest-first'",
    'targets = ["a"]\nlabel = "b {serie}"': "unknown placeholder {serie}; allowed are {series}",
    'targets = ["a"]\nhead_branch = "b/{sha}"': "the placeholder {series} is needed",
    'targets = ["a"]\nwho = {permission = "read"}': "'write', 'maintain' or 'admin'",
    'targets = ["a"]\nwho = {teams = "x"}': "`who.teams`: unknown key; allowed here are",
    'targets = ["a"]\n[tests]\nlabels = ["x"]': "`tests.command`: this key is needed",
    'targets = ["a"]\n[tests]\ncommand = ["x"]\ntimeout = -1': "`tests.timeout`: found `-1`",
    'targets = ["a"]\n[tests]\ncommand = ["x"]\npython = ["three"]': "`tests.python.0`",
    'targets = ["a"]\n[tests]\ncommand = ["x"]\ntest_paths = ["/t"]': "from the top of the tree",
    'targets = ["a"]\n[tests]\ncommand = ["x"]\nresults = "xml"': "'auto', 'junit' or 'exit'",
    'targets = ["a"]\n[tests]\ncommand = ["x"]\nworkflow = "../x.yml"': "`tests.workflow`",
    'targets = ["a"]\n[sandbox]\nweak = true': "allowed here are `allow_weak`",
    'targets = ["a"]\n[tests]\ncommand = ["x"]\n[tests.branches.b]\npythn = []': (
        "`tests.branches.b.pythn`: unknown key; allowed here are `backend`"
    ),
    "targets = [": "this is no valid TOML",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_named_with_path_value_and_what_is_allowed(text: str) -> None:
    """Each mistake is one sentence that says where it is and what would be right."""
    with pytest.raises(ConfigurationError) as caught:
        config.parse(text)
    assert MISTAKES[text] in "\n".join(caught.value.problems)


def test_all_mistakes_are_named_at_once() -> None:
    """A file with three mistakes gives three sentences."""
    with pytest.raises(ConfigurationError) as caught:
        config.parse('x = 1\ntargets = 3\nrelease_notes = "reno"')
    assert len(caught.value.problems) == 3


def test_django_needs_no_file() -> None:
    """The built-in configuration is for Django, and for nobody else."""
    assert defaults.built_in("django/django") == defaults.django()
    assert defaults.built_in("someone/django") is None


def test_the_offered_file_works_as_it_stands() -> None:
    """The ready-made file parses and picks up the stable branches, newest first."""
    configuration = config.parse(defaults.STARTER)
    found = configuration.targets_for(
        ("council exception",), ("main", "stable/4.9.x", "stable/4.10.x")
    )
    assert found == (Target("stable/4.10.x", "4.10.x"), Target("stable/4.9.x", "4.9.x"))


def test_listed_targets_are_ordered_newest_first() -> None:
    """However the list is written, the newest series comes first, missing ones included."""
    text = 'targets = ["stable/3.2.x", "stable/2028.x", "stable/4.1.x"]'
    found = config.parse(text).targets_for(("council exception",), ())
    assert [target.series for target in found] == ["2028.x", "4.1.x", "3.2.x"]


def test_a_label_with_a_series_claims_that_series_alone() -> None:
    """`backport 4.0.x` is for `stable/4.0.x`, whatever else is configured or labelled."""
    text = 'label = "backport {series}"\ntargets = {pattern = "stable/{series}"}'
    configuration = config.parse(text)
    branches = ("stable/4.1.x", "stable/4.0.x")
    assert configuration.label_matches("Backport 4.0.x")
    assert not configuration.label_matches("documentation")
    found = configuration.targets_for(("backport 4.0.x", "backport 9.x"), branches)
    assert [target.branch for target in found] == ["stable/9.x", "stable/4.0.x"]


def test_the_tests_of_a_branch_override_key_by_key() -> None:
    """A branch that names its own interpreters keeps the command of all."""
    plan = defaults.django().tests
    assert plan is not None
    old, new = plan.plan("stable/3.2.x"), plan.plan("stable/4.0.x")
    assert old.python[0] == "3.9"
    assert new.python[0] == "3.10"
    assert old.command == new.command
    assert old.env == (("PYTHONPATH", "{tree}"),)


def test_django_proves_with_few_tests_and_guards_with_more() -> None:
    """Django's plan has a regression set, its test folder, and no leave for a weak sandbox."""
    plan = defaults.django().test_plan("stable/3.2.x")
    assert plan is not None
    assert plan.regression[:2] == ("test_client", "async")
    assert plan.test_paths == ("tests/",)
    assert (plan.results, plan.backend, plan.substitute) == ("auto", "sandbox", True)
    assert not plan.allow_weak


def test_what_is_configured_reaches_the_plan() -> None:
    """The sandbox's leave and the back end of one branch are in that branch's plan."""
    text = """
        targets = ["a", "b"]
        sandbox.allow_weak = true
        tests.command = ["make"]
        tests.branches.a = { backend = "actions", workflow = "old.yml", deadline = 60 }
    """
    found = config.parse(text)
    actions, sandbox = found.test_plan("a"), found.test_plan("b")
    assert actions is not None
    assert sandbox is not None
    assert (actions.backend, actions.workflow, actions.deadline) == ("actions", "old.yml", 60)
    assert (sandbox.backend, sandbox.workflow, sandbox.deadline) == (
        *("sandbox", "stablehand-tests.yml"),
        3600,
    )
    assert actions.allow_weak
    assert config.parse('targets = ["a"]').test_plan("a") is None


def test_the_label_of_a_broken_file_is_still_known() -> None:
    """A file that cannot be used tells which label it meant, unless it is no TOML at all."""
    assert config.label_of_broken('label = "x"\ntargets = 3') == "x"
    assert config.label_of_broken("targets = 3") == "council exception"
    assert config.label_of_broken("[") is None


def test_a_series_by_its_short_name() -> None:
    """`4.0` means `4.0.x`; what has no branch is kept, to be reported as missing."""
    branches = ("main", "stable/4.1.x", "stable/4.0.x")
    found = defaults.django().asked_targets(("4.0", "4.1.x", "9.9"), branches)
    assert [target.branch for target in found] == ["stable/9.9", "stable/4.1.x", "stable/4.0.x"]
