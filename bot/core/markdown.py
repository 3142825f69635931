"""Writing other people's text into GitHub's Markdown without it becoming markup."""

from __future__ import annotations

import re

_LINK = re.compile(r"\[([^\]]+)\]\((\S+?)\)")
_ESCAPE = re.compile(r"\\([\\`*_\[\]<>|~])|`|\u200b")
_QUOTED = re.compile(r"\\`([^`]+)\\`")  # a code span that `plain` has escaped
_CODE = re.compile(r"^(```+|~~~+).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)


def without_code(text: str) -> str:
    """Take out the fenced blocks of code, which are no words of their writer's."""
    return _CODE.sub("", text)


def code(text: str) -> str:
    """Show text as a code span, whatever back-ticks it holds; nobody is notified by it."""
    flat = re.sub(r"\s+", " ", text).strip() or " "
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", flat)), default=0))
    pad = " " if len(fence) > 1 else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def block(text: str, language: str = "") -> str:
    """Show text as a code block with a fence longer than any run of back-ticks in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def plain(text: str) -> str:
    """Show text as itself on one line: no markup, no mention, no link, no table cell broken."""
    flat = re.sub(r"\s+", " ", text).strip()
    escaped = re.sub(r"([\\`*_\[\]<>|~])", r"\\\1", flat)
    return re.sub(r"@(?=\w)", "@\u200b", escaped)


def remark(text: str) -> str:
    """Show a sentence that quotes other people's text: as itself, but for its code spans."""
    return _QUOTED.sub(lambda found: code(shown(found[1])), plain(text))


def shown(text: str) -> str:
    """Give our own Markdown as it is read where there is none: no escapes, no code marks."""
    return _ESCAPE.sub(r"\1", _LINK.sub(r"\1 (\2)", text))
