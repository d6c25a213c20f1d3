"""How charts look: colours, type, the frame around every chart, and accessible SVG whose bytes never vary.

Colours are those of the Government Analysis Function. A scenario has the same colour everywhere and a second cue
(line, marker, hatch), because navy and grey, or teal and orange, are the same in greyscale. Nothing here knows a
result.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from afcharts.af_colours import get_af_colours
from matplotlib import style as mpl_style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

NAVY, TEAL, PLUM, ORANGE, GREY, LILAC = get_af_colours("categorical", number_of_colours=6)
FOCUS_GREY: Final = get_af_colours("focus")[1]
INK: Final = "#1A1A1A"
# Five steps from light to dark; words on the last three are white.
BLUES: Final = ("#DCE9F5", "#A9CBE8", "#2073BC", "#12436D", "#092135")
WHITE_ON: Final = frozenset(BLUES[2:])

WIDTH_IN, HEIGHT_IN, DPI = 10.0, 5.625, 160  # 1600 × 900 pixels
HEAD_IN, FOOT_IN, SIDE_IN = 0.98, 0.78, 0.3
_BASE, _FOOTER, _TITLE, _SUBTITLE = 12, 8.5, 18, 12
_TITLE_FITS, _SUBTITLE_FITS = 58, 94  # letters in one line at full size

# NOTE: charts are laid out with the font matplotlib brings along, so bytes do not depend on the fonts of a machine;
# readers of the SVG get Arial, which is narrower, so what fits here fits there.
_LAYOUT_FONT = "DejaVu Sans"
_READER_FONTS = "Arial, Helvetica, 'DejaVu Sans', sans-serif"
_SETTINGS: Final[dict[str, Any]] = {
    "font.family": [_LAYOUT_FONT],
    "font.size": _BASE,
    "text.color": INK,
    "axes.titlesize": _BASE,
    "svg.fonttype": "none",
    "svg.hashsalt": "lacsim",
    "path.simplify": False,
    "savefig.facecolor": "white",
    "hatch.linewidth": 1.2,
}
_POINTS: Final = 72.0  # to an inch, the unit of matplotlib's SVG
_PNG_LEVEL: Final = 3  # of zlib; 6 takes twice the time for one per cent fewer bytes
_FRAME: Final = "frame-"
_FRAME_GROUP: Final = re.compile(rf'^( *)<g id="{_FRAME}\d">\n.*?^\1</g>\n', re.DOTALL | re.MULTILINE)
_IDS = re.compile(r'(\bid="|xlink:href="#|url\(#)(?!future-)')


@dataclass(frozen=True)
class Look:
    """How a scenario is drawn: colour, and two cues that survive greyscale."""

    colour: str
    line: Any
    marker: str
    hatch: str


_LOOKS: Final = {
    "no-lac": Look(GREY, (0, (1, 1.5)), "D", ""),
    "wards-10": Look(ORANGE, (0, (5, 2)), "s", "///"),
    "wards-17": Look(NAVY, "-", "o", ""),
}
_OTHERS: Final = (
    Look(TEAL, (0, (7, 2, 1, 2)), "^", "\\\\\\"),
    Look(PLUM, (0, (3, 1)), "v", "xx"),
    Look(LILAC, (0, (9, 3)), "P", ".."),
)


def look_of(scenario: str, position: int = 0) -> Look:
    """Look of a scenario: fixed for the three main ones, by position for any other."""
    return _LOOKS.get(scenario, _OTHERS[position % len(_OTHERS)])


class ChartFigure(Figure):
    """A figure that shows itself in a notebook without pyplot, and remembers its frame of title and footer."""

    framed: list[Any]

    def _repr_png_(self) -> bytes:
        """PNG for notebooks."""
        return png_bytes(self)


@contextmanager
def chart_style() -> Iterator[None]:
    """Settings under which every chart is made and saved."""
    with mpl_style.context(["afcharts.afcharts", _SETTINGS]):
        yield


def wrap(text: str, width: int) -> str:
    """Text broken into lines of at most `width` characters."""
    return "\n".join(textwrap.wrap(text, width))


def framed_figure(title: str, subtitle: str, footer: str) -> ChartFigure:
    """An empty figure with title, subtitle and footer; use `body` for the space in between."""
    figure = ChartFigure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI)
    left = SIDE_IN / WIDTH_IN
    size = min(_TITLE, _TITLE * _TITLE_FITS / len(title))
    smaller = min(_SUBTITLE, _SUBTITLE * _SUBTITLE_FITS / max(len(subtitle), 1))
    figure.framed = [
        figure.text(left, 1 - 0.16 / HEIGHT_IN, title, fontsize=size, fontweight="bold", va="top"),
        figure.text(left, 1 - 0.56 / HEIGHT_IN, subtitle, fontsize=smaller, va="top", color=GREY),
        figure.text(left, 0.1 / HEIGHT_IN, wrap(footer, 152), fontsize=_FOOTER, va="bottom", color=GREY),
    ]
    return figure


def body(
    *, left: float = 0.0, right: float = 0.0, top: float = 0.0, bottom: float = 0.0
) -> tuple[float, float, float, float]:
    """Space between head and foot as (left, bottom, width, height) of the figure, less margins in inches."""
    x0, x1 = SIDE_IN + left, WIDTH_IN - SIDE_IN - right
    y0, y1 = FOOT_IN + bottom, HEIGHT_IN - HEAD_IN - top
    return x0 / WIDTH_IN, y0 / HEIGHT_IN, (x1 - x0) / WIDTH_IN, (y1 - y0) / HEIGHT_IN


def bare(axes: Axes) -> None:
    """Remove ticks, grid and spines."""
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def png_bytes(figure: ChartFigure) -> bytes:
    """The figure as PNG of 1600 × 900 pixels, the same bytes every time."""
    stream = io.BytesIO()
    with chart_style():
        figure.savefig(
            stream, format="png", dpi=DPI, metadata={"Software": None}, pil_kwargs={"compress_level": _PNG_LEVEL}
        )
    return stream.getvalue()


def _raw_svg(figure: ChartFigure) -> str:
    """What matplotlib writes, with title, subtitle and footer in groups of their own."""
    stream = io.StringIO()
    with chart_style():
        for k, artist in enumerate(figure.framed):
            artist.set_gid(f"{_FRAME}{k}")
        none = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(stream, format="svg", metadata=none)
    return stream.getvalue()


def _without_frame(raw: str) -> str:
    """The SVG less title, subtitle and footer, and less the room they took."""
    top, bottom = HEAD_IN - 0.12, HEIGHT_IN - FOOT_IN + 0.12
    box = f'viewBox="0 {_POINTS * top:g} {_POINTS * WIDTH_IN:g} {_POINTS * (bottom - top):g}"'
    return re.sub(r'viewBox="[^"]*"', box, _FRAME_GROUP.sub("", raw), count=1)


def svg_text(
    figure: ChartFigure, name: str, title: str, description: str, *, with_frame: bool = True, described_by: str = ""
) -> str:
    """Accessible SVG: role img, named and described, ids prefixed with the chart's name, no date inside.

    Parameters
    ----------
    name
        Prefix of ids, so that several charts can stand in one page. Ids that begin with `future-` are kept.
    title, description
        Accessible name and long description.
    with_frame
        Whether title, subtitle and footer are drawn; a page prints them as text instead.
    described_by
        Id of the visible paragraph that describes the chart in a page; the SVG then carries no description.
    """
    raw = _raw_svg(figure)
    return _accessible(raw if with_frame else _without_frame(raw), name, title, description, described_by)


def both_svg_texts(figure: ChartFigure, name: str, title: str, description: str) -> tuple[str, str]:
    """SVG as a file, and SVG for a page that describes it in the paragraph `<name>-text`; drawn once."""
    raw = _raw_svg(figure)
    return (
        _accessible(raw, name, title, description, ""),
        _accessible(_without_frame(raw), name, title, "", f"{name}-text"),
    )


def _accessible(raw: str, name: str, title: str, description: str, described_by: str) -> str:
    """What matplotlib wrote, as an image with a name; see `svg_text`."""
    svg = raw[raw.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = _IDS.sub(lambda found: f"{found[1]}{name}-", svg)
    svg = svg.replace(f"'{_LAYOUT_FONT}'", _READER_FONTS)
    size = re.search(r'viewBox="[^"]*"', svg)
    assert size is not None
    opening = (
        f'<svg {size[0]} role="img" aria-labelledby="{name}-title" aria-describedby="{described_by or name + "-desc"}" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1">\n'
        f' <title id="{name}-title">{escape(title)}</title>'
    )
    if not described_by:
        opening += f'\n <desc id="{name}-desc">{escape(description)}</desc>'
    return re.sub(r"<svg[^>]*>", lambda _: opening, svg, count=1).strip() + "\n"
