"""The tables of `docs/governance.md`, one for each rule of decision, made from the code.

`python -m devkit.governance` writes them anew.
"""

from __future__ import annotations

from pathlib import Path

from bot.core.votes.rules import catalogue

PAGE = Path(__file__).parents[1] / "docs" / "governance.md"
BEGIN = "<!-- the tables below are written by `python -m devkit.governance` -->"


def tables() -> str:
    """Give the part of the page that is made: a heading and a table for each rule."""
    return "\n".join(_table(row) for row in catalogue.table())


def page(text: str) -> str:
    """Give the page with its tables anew; raises ValueError where their place is not marked."""
    written, mark, _ = text.partition(BEGIN)
    if not mark:
        raise ValueError(f"the page lacks the line {BEGIN}")
    return f"{written}{BEGIN}\n\n{tables()}"


def _table(row: tuple[str, ...]) -> str:
    name, *cells = row
    lines = [
        f"| {heading} | {cell.replace('|', '&#124;')} |"
        for heading, cell in zip(catalogue.HEADINGS[1:], cells, strict=True)
    ]
    return "\n".join([f"### {name}", "", f"| | `{name}` |", "|---|---|", *lines, ""])


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text()))


if __name__ == "__main__":
    main()
