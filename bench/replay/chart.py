"""A bar chart as SVG: one bar a row, each cut into the shares of what it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#4c9f85", "#9fd0a8", "#d9e8a3", "#f2c14e", "#e08a78", "#9a8fbf")
LEFT, WIDTH, ROW, BAR = 130, 640, 26, 18  # pixels
LEGEND = 150  # of one entry
LEAST = 0.04  # the share from which a piece has room for its figure


@dataclass(frozen=True, slots=True)
class Bar:
    """One row; `pieces` gives the count of each part by its name."""

    label: str
    pieces: Mapping[str, int]


def bar_chart(title: str, parts: Sequence[str], bars: Sequence[Bar]) -> str:
    """Draw bars of equal length; the parts stand in the order given, with a legend."""
    colours = {part: COLOURS[place % len(COLOURS)] for place, part in enumerate(parts)}
    lines = -(-len(parts) * LEGEND // (LEFT + WIDTH))
    top = 40 + lines * ROW
    width, height = LEFT + WIDTH + 20, top + len(bars) * ROW + 10
    font = 'font-family="sans-serif" font-size="12"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {font}>',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            f'<text x="10" y="22" font-size="15">{escape(title)}</text>',
            *_legend(colours),
            *(line for row, bar in enumerate(bars) for line in _bar(bar, top + row * ROW, colours)),
            "</svg>\n",
        )
    )


def _legend(colours: Mapping[str, str]) -> Iterator[str]:
    across = (LEFT + WIDTH) // LEGEND
    for place, (part, colour) in enumerate(colours.items()):
        x, y = 10 + place % across * LEGEND, 40 + place // across * ROW
        yield f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{x + 18}" y="{y + 11}">{escape(part)}</text>'


def _bar(bar: Bar, y: int, colours: Mapping[str, str]) -> Iterator[str]:
    yield f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(bar.label)}</text>'
    x, whole = float(LEFT), sum(bar.pieces.values()) or 1
    for part, colour in colours.items():
        share = bar.pieces.get(part, 0) / whole
        width = share * WIDTH
        if not width:
            continue
        yield (
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{colour}">'
            f"<title>{escape(part)}: {bar.pieces[part]}</title></rect>"
        )
        if share >= LEAST:
            place = f'x="{x + width / 2:.1f}" y="{y + 13}" text-anchor="middle"'
            yield f"<text {place}>{bar.pieces[part]}</text>"
        x += width
