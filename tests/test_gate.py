from __future__ import annotations

import gc
from collections.abc import Mapping

import pytest

from bot.adapters.gate import check
from bot.core.finding import ChangedFile, Finding

TREE = {
    "pkg/__init__.py": "from .core import start\n",
    "pkg/core.py": """
import os.path
from os import sep as separator
CONSTANT, (first, *rest) = 1, (2, 3)
if CONSTANT:
    def start(): global made; made = 1
else:
    class Start: inner = 1
try:
    import json
except ImportError as failure:
    json = None
for each in (): pass
with open(__file__) as handle: walrus = (wal := 1)
""",
    "pkg/stars.py": "from .core import *\n",
    "pkg/lazy.py": "def __getattr__(name): return 1\n",
    "pkg/made.py": "globals().update(a=1)\n",
    "pkg/own.py": "import sys\ndef fill(): setattr(sys.modules[__name__], 'a', 1)\n",
    "pkg/reader.py": "import sys\ndef f(): vars(sys.modules)\nclass C:\n def __getattr__(s): 1\n",
    "pkg/broken.py": "def (:\n",
    "pkg/sub/__init__.py": "",
    "pkg/sub/leaf.py": "x = 1\n",
    "pkg/bare/leaf.py": "x = 1\n",
    "pkg/fast.pyx": "",
    "src/lib/__init__.py": "x = 1\n",
    "tests/app/__init__.py": "",
    "tests/app/models.py": "class Model: pass\n",
    "tests/json.py": "",
}


def findings(
    before: str | None, after: str, path: str = "pkg/new.py", tree: Mapping[str, str] = TREE
) -> list[tuple[int, str]]:
    """Check one changed file: line and message of each finding."""
    file = ChangedFile(path, None if before is None else before.encode(), after.encode())
    whole = {**tree, path: after}
    found = check([file], lambda name: whole[name].encode() if name in whole else None)
    assert {finding.path for finding in found} <= {path}
    return [(finding.line, finding.message) for finding in found]


def test_an_unknown_name_is_found() -> None:
    """A name that the pick uses and nothing defines is named, with its line."""
    before = "def f():\n    return 1\n"
    after = "def f():\n    return os.sep\n"
    assert findings(before, after) == [(2, "uses os, which nothing defines here")]


def test_a_lost_import_is_found() -> None:
    """An import that the fix takes away is missed where the target still uses it."""
    before = "import os\nprint(os.sep)\nx = os.sep\n"
    assert findings(before, "\nprint(os.sep)\nx = 1\n") == [
        (2, "uses os, which nothing defines here")
    ]


def test_a_name_before_its_time_and_one_not_given_are_found() -> None:
    """So are a local name used too early and an export of nothing."""
    after = "def f():\n    print(x)\n    x = 1\n\nx = 1\n__all__ = ['y']\n"
    assert findings("x = 1\n", after) == [
        (2, "uses x before it is defined"),
        (6, "lists y in __all__, which nothing defines here"),
    ]


def test_a_second_definition_is_found() -> None:
    """A test that the target has under the same name would silently replace it."""
    before = "class T:\n    def test_a(self):\n        pass\n"
    after = f"{before}\n    def test_a(self):\n        assert True\n"
    assert findings(before, after) == [(5, "defines test_a a second time, unused until then")]


def test_what_the_target_has_is_no_finding() -> None:
    """Faults of the target's own version are not the pick's."""
    before = "from pkg.nowhere import a, b\nprint(unknown)\n"
    assert findings(before, f"{before}print(unknown, a, b)\n") == []
    assert findings(before, f"x = 1\n{before.replace('a, b', 'b, a')}\nprint(a, b)\n") == []


def test_code_that_does_not_parse_is_found() -> None:
    """The Python that read it is named, since another might read it."""
    ((line, said),) = findings("x = 1\n", "x = 1\nx = = 2\n")
    assert line == 2
    assert said.startswith("does not parse with Python 3.")
    ((line, said),) = findings(None, "\0")
    assert (line, "null" in said) == (1, True)


def test_code_that_never_parsed_is_no_finding() -> None:
    """A file in a grammar that this Python does not know stays unread."""
    assert findings("print 'one'\n", "print 'two'\n") == []


def test_code_that_parses_at_last_is_checked_whole() -> None:
    """Against a version that does not parse everything is new."""
    assert findings("print 'one'\n", "import pkg.none\nprint(pkg)\n") == [
        (1, "imports pkg.none, which is not on this branch")
    ]


def test_other_files_are_not_read() -> None:
    """Only Python is checked."""
    assert findings("", "x = = 1\n", "docs/a.txt") == []


@pytest.mark.parametrize(
    "statement",
    [
        "from pkg.core import CONSTANT, first, rest, start, Start, json, separator, os",
        "from pkg.core import made, each, handle, walrus, wal, failure, __name__",
        "from pkg import start, core, sub, fast",
        "from pkg.sub import leaf",
        "from pkg.bare import leaf",
        "import pkg.sub.leaf",
        "import pkg.fast",
        "from pkg.stars import anything",
        "from pkg.lazy import anything",
        "from pkg.made import anything",
        "from pkg.own import anything",
        "from pkg.broken import anything",
        "from pkg.core import *",
        "from . import core",
        "from .sub import leaf",
        "from lib import x",
        "from elsewhere import anything",
        "import elsewhere.more",
        "from json import loads",
        "try:\n    from pkg import none\nexcept ImportError:\n    none = None",
        "try:\n    import pkg.none\nexcept (ValueError, ImportError):\n    pass",
        "try:\n    import pkg.none\nexcept:\n    pass",
    ],
)
def test_what_is_in_the_tree_can_be_imported(statement: str) -> None:
    """Names bound on any path, modules of all kinds, other projects, and what may be absent."""
    assert findings(None, f"{statement}\n__all__ = []\n") == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("from pkg.core import none", "imports none from pkg.core, which does not have it"),
        ("from pkg.core import inner", "imports inner from pkg.core, which does not have it"),
        ("from pkg import none", "imports none from pkg, which does not have it"),
        ("from pkg.none import x", "imports pkg.none, which is not"),
        ("import pkg.sub.none", "imports pkg.sub.none, which is not"),
        ("from . import none", "imports none from ., which does not have it"),
        ("from .none import *", "imports .none, which is not"),
        ("from .sub import none", "imports none from .sub, which does not have it"),
        ("from pkg.reader import none", "imports none from pkg.reader, which does not have it"),
        ("from lib import none", "imports none from lib, which does not have it"),
        ("def f():\n    if f:\n        import pkg.none", "imports pkg.none, which is not"),
        (
            "try:\n    import pkg.none\nexcept ValueError:\n    pass",
            "imports pkg.none, which is not",
        ),
    ],
)
def test_what_is_not_in_the_tree_is_found(statement: str, said: str) -> None:
    """A module or a name of the project that the branch lacks is named."""
    found = [message for _, message in findings(None, f"{statement}\n__all__ = []\n")]
    assert found == [f"{said} on this branch"]


def test_tests_import_from_their_own_folder() -> None:
    """A folder that is no package is where absolute imports may start."""
    path = "tests/app/test_models.py"
    after = "from app.models import Model, Other\nfrom ..app import models\n"
    assert findings(None, f"{after}print(Model, Other, models)\n", path) == [
        (1, "imports Other from app.models, which does not have it on this branch")
    ]


def test_a_pick_may_bring_what_it_imports() -> None:
    """Files are looked up in the picked tree, and each is asked for once."""
    asked: list[str] = []
    tree = {
        "pkg/__init__.py": b"",
        "pkg/a.py": b"from pkg.b import x, y\nx, y\n",
        "pkg/b.py": b"x = 1\n",
    }

    def lookup(path: str) -> bytes | None:
        asked.append(path)
        return tree.get(path)

    files = [ChangedFile(path, None, tree[path]) for path in ("pkg/a.py", "pkg/b.py")]
    said = "imports y from pkg.b, which does not have it on this branch"
    assert check(files, lookup) == (Finding("pkg/a.py", 1, said),)
    assert len(asked) == len(set(asked))


def test_a_file_on_several_branches_is_looked_up_on_each() -> None:
    """What is kept of a file is what its text alone tells: imports depend on the tree."""
    before, after = "x = 1\n", "from pkg.core import newer\nprint(newer, older)\n"
    wrong = (2, "uses older, which nothing defines here")
    has_it = {**TREE, "pkg/core.py": "newer = 1\n"}
    assert findings(before, after, tree=has_it) == [wrong]
    assert findings(before, after) == [
        (1, "imports newer from pkg.core, which does not have it on this branch"),
        wrong,
    ]
    assert gc.isenabled()
