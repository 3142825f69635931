"""Find the backports that people committed, by what their messages say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.replay.history_git import ask

# From the surest to the vaguest; where one is found, those after it are not looked for.
SAYINGS = (
    re.compile(r"as merged into \S+\s+\(([0-9a-f]{40})\)"),
    re.compile(r"[Bb]ackport of ([0-9a-f]{7,40})\b"),
    re.compile(r"\(cherry picked from commit ([0-9a-f]{7,40})\)"),
)
GREP = r"(as merged into|ackport of [0-9a-f]{7,40}|cherry picked from commit [0-9a-f]{7,40})"
IN_SUBJECT = re.compile(r"\[v?(\d+\.\d+)[^\]]*\]")
RELEASE = re.compile(
    r"(?:refs/tags/v?|refs/(?:heads|remotes/[^/]+)/(?:[\w-]+/)?v?)(\d+\.\d+)[.\w]*"
)
MOST_PARENTS = 2  # a merge is picked against its first parent


@dataclass(frozen=True, slots=True)
class Pair:
    """A backport that a person committed, with its source.

    `onto` is its parent and `tree` what it made of it; `series` has two numbers (`4.1`), or is
    empty where no release and no release branch holds it; `year` is that of the backport.
    """

    source: str
    backport: str
    onto: str
    tree: str
    series: str
    year: int


@dataclass(frozen=True, slots=True)
class _Entry:
    pair: Pair
    message: str


def find_pairs(clone: Path) -> list[Pair]:
    """Give every backport on a release branch or tag whose one source is there too, newest first.

    What was picked twice on to the same commit with the same result counts once.
    """
    refs = ask(clone, "for-each-ref", "--format=%(refname)").split()
    releases = [ref for ref in refs if RELEASE.fullmatch(ref)]
    if not releases:
        return []
    entries = _log(clone, releases, "--no-merges", "--extended-regexp", f"--grep={GREP}")
    named = ((entry, source_named(entry.message)) for entry in entries)
    found = [replace(entry.pair, source=source) for entry, source in named if source]
    usable = _with_full_sources(clone, found)
    return _in_series(clone, list({(p.source, p.onto, p.tree): p for p in usable}.values()))


def read_pairs(clone: Path, text: str) -> list[Pair]:
    """Take pairs from lines of `commit backport`, both by any name that git knows.

    ValueError where a line does not name two commits of the clone that can be picked.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    found = [_read_pair(clone, line) for line in lines]
    usable = _with_full_sources(clone, found)
    if len(usable) < len(found):
        absent = {pair.backport for pair in found} - {pair.backport for pair in usable}
        raise ValueError(f"the source of {min(absent)} is not there, or cannot be picked")
    return _in_series(clone, usable)


def source_named(message: str) -> str | None:
    """Give the one commit that a message names as its source, None for none or for several."""
    for saying in SAYINGS:
        if named := set(saying.findall(message)):
            return named.pop() if len(named) == 1 else None
    return None


def within(series: str, spans: Sequence[str]) -> bool:
    """Tell whether a series is in one of the spans: `4.1`, or `2.2-5.0` with both its ends."""
    return any(_in_span(series, span) for span in spans)


def _in_span(series: str, span: str) -> bool:
    first, _, last = span.partition("-")
    return bool(series) and _key(first) <= _key(series) <= _key(last or first)


def _key(series: str) -> tuple[int, ...]:
    return tuple(int(number) for number in series.split("."))


def _read_pair(clone: Path, line: Sequence[str]) -> Pair:
    if len(line) != 2:  # noqa: PLR2004 - a commit and its backport
        raise ValueError(f"{' '.join(line)!r} does not name a commit and its backport")
    source, backport = line
    entry = next(_log(clone, [backport], "--no-walk"), None)
    if entry is None:
        raise ValueError(f"{backport} has not just one parent")
    return replace(entry.pair, source=source)


def _log(clone: Path, revisions: Iterable[str], *options: str) -> Iterator[_Entry]:
    form = "--format=%x01%H%x00%T%x00%P%x00%cs%x00%B"
    log = ask(clone, "log", *options, form, "--stdin", stdin="\n".join(revisions) + "\n")
    for entry in log.split("\x01")[1:]:
        sha, tree, onto, date, message = entry.split("\0", 4)
        if len(onto.split()) == 1:
            series = IN_SUBJECT.search(message.partition("\n")[0])
            pair = Pair("", sha, onto, tree, series[1] if series else "", int(date[:4]))
            yield _Entry(pair, message)


def _with_full_sources(clone: Path, found: Sequence[Pair]) -> list[Pair]:
    """Write each source in full; leave out those that are not there or cannot be picked."""
    names = _full_names(clone, [pair.source for pair in found])
    pickable = _pickable(clone, names.values())
    full = [replace(pair, source=names[pair.source]) for pair in found if pair.source in names]
    return [pair for pair in full if pair.source in pickable]


def _full_names(clone: Path, names: Sequence[str]) -> Mapping[str, str]:
    asked = "".join(f"{name}^{{commit}}\n" for name in names)
    answers = ask(clone, "cat-file", "--batch-check", stdin=asked).splitlines()
    fields = [answer.split() for answer in answers]
    return {
        name: field[0]
        for name, field in zip(names, fields, strict=True)
        if field[1:2] == ["commit"]
    }


def _pickable(clone: Path, shas: Iterable[str]) -> set[str]:
    asked = "".join(f"{sha}\n" for sha in shas)
    log = ask(clone, "log", "--no-walk", "--format=%H %P", "--stdin", stdin=asked) if asked else ""
    lines = [line.split() for line in log.splitlines()]
    return {sha for sha, *parents in lines if 0 < len(parents) <= MOST_PARENTS}


def _in_series(clone: Path, pairs: Sequence[Pair]) -> list[Pair]:
    """Name the series of those whose subject does not, after the release that holds them."""
    asked = [pair.backport for pair in pairs if not pair.series]
    named = _named_by_release(clone, asked) if asked else {}
    return [replace(p, series=p.series or named.get(p.backport, "")) for p in pairs]


def _named_by_release(clone: Path, shas: Sequence[str]) -> Mapping[str, str]:
    refs = ask(clone, "for-each-ref", "--format=%(refname)").split()
    only = [f"--refs={ref}" for ref in refs if RELEASE.fullmatch(ref)]
    if not only:
        return {}
    names = ask(
        clone, "name-rev", *only, "--annotate-stdin", "--name-only", stdin="\n".join(shas) + "\n"
    )
    found = zip(shas, (re.search(r"\d+\.\d+", line) for line in names.splitlines()), strict=True)
    return {sha: series[0] for sha, series in found if series}
