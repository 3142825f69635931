"""Write Django's release notes again: `python -m bench.notes --repository PATH`.

For every commit of a stable branch that adds a bullet to the notes of a bugfix release, the style
`django` is asked which file it would choose and where in it the person's words would go. Nothing
is written to the clone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from subprocess import CalledProcessError

from bench.replay_notes.cases import Commit, cases, stable_commits, touched
from bench.replay_notes.contents import Contents
from bench.replay_notes.judge import Judged, indexed, judge

SERIES = ("3.0", "3.1", "3.2", "4.0", "4.1", "4.2", "5.0")
OLDER = ("1.11", "2.0", "2.1", "2.2")
"""Series whose own commits are not judged; fixes of those that are may be for them too."""


def main() -> None:
    """Judge all, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.notes")
    parser.add_argument("--repository", type=Path, required=True, help="with the whole history")
    clone = parser.parse_args().repository
    try:
        history = {series: stable_commits(clone, series) for series in (*OLDER, *SERIES)}
    except (CalledProcessError, ValueError) as error:
        sys.exit(f"The history could not be read: {error}")
    with Contents(clone) as contents:
        judged = {
            series: [judge(contents, case, history) for case in cases(clone, contents, commits)]
            for series, commits in history.items()
            if series in SERIES
        }
        lists = list(_lists(clone, contents, [c for s in SERIES for c in history[s]]))
    sys.stdout.writelines(f"{line}\n" for line in _report(judged, lists))


def _lists(
    clone: Path, contents: Contents, commits: Sequence[Commit]
) -> Iterator[tuple[Commit, str]]:
    """Give each commit that adds notes files, and how our index differs from the person's."""
    added = touched(clone, commits, "A")
    for commit in commits:
        if commit.sha in added:
            yield commit, indexed(contents, commit, added[commit.sha])


def _report(judged: dict[str, list[Judged]], lists: Sequence[tuple[Commit, str]]) -> Iterator[str]:
    everything = [one for some in judged.values() for one in some]
    yield "| series | commits | files as the person's | bullets' places | right | every byte |"
    yield "|---|---:|---:|---:|---:|---:|"
    for series, some in judged.items():
        yield _row(series, some)
    yield _row("**all**", everything)
    good = sum(not why for _, why in lists)
    yield f"\nIndex: {good} of {len(lists)} commits that add notes files.\n"
    yield "| commit | series | what | why |"
    yield "|---|---|---|---|"
    for one in everything:
        yield from _differences(one)
    for commit, why in lists:
        if why:
            yield f"| {commit.sha[:10]} | {commit.series} | index | {why} |"


def _row(name: str, some: Sequence[Judged]) -> str:
    places = [place for one in some for place in one.placements]
    files = _share(sum(one.right_files for one in some), len(some))
    right = _share(sum(place.right for place in places), len(places))
    exact = _share(sum(place.exact for place in places), len(places))
    return f"| {name} | {len(some)} | {files} | {len(places)} | {right} | {exact} |"


def _share(part: int, whole: int) -> str:
    return f"{part} = {100 * part / whole:.1f} %" if whole else "none"


def _differences(one: Judged) -> Iterator[str]:
    commit = one.case.commit
    start = f"| {commit.sha[:10]} | {commit.series} |"
    if not one.right_files:
        theirs, ours = (_names(paths) for paths in (one.case.added, one.chosen))
        yield f"{start} file | the person {theirs}, the bot {ours} |"
    for place in one.placements:
        if not place.right:
            yield f"{start} place in {_names([place.path])} | {place.why} |"


def _names(paths: Iterable[str]) -> str:
    names = [path.rpartition("/")[2] for path in sorted(paths)]
    return ", ".join(names) or "none"


if __name__ == "__main__":
    main()
