"""What every chart shares: the frame with its title and description, and texts that fit."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

CHARACTER_WIDTH = 7.2
"""Width of an average character of 12 px, in px; measured wide, so that a text rather ends early than runs out."""


def frame(code: str, width: float, height: float, title: str, about: str, parts: Iterable[Markup]) -> Markup:
    """Give the SVG element; `code` tells charts on one page apart. Sizes are in px and scale down with the page."""
    inner = Markup("").join(parts)
    # What holds links is no image: a reader must be able to step inside.
    head = Markup(
        '<svg class="e-chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="{r}"'
        ' aria-labelledby="{c}-title {c}-about"><title id="{c}-title">{t}</title><desc id="{c}-about">{a}</desc>'
    ).format(w=_trim(width), h=_trim(height), c=code, t=title, a=about, r="group" if "<a " in inner else "img")
    return head + inner + Markup("</svg>")


def text(x: float, y: float, words: str, *, anchor: str = "start", most: int | None = None, css: str = "") -> Markup:
    """Give a text at a place; longer than `most` characters it ends in an ellipsis."""
    if most is not None and len(words) > most:
        words = words[: max(1, most - 1)].rstrip() + "…"
    style = Markup(' class="{}"').format(css) if css else ""
    return Markup('<text{} x="{}" y="{}" text-anchor="{}">{}</text>').format(style, _trim(x), _trim(y), anchor, words)


def shape(name: str, css: str, /, inner: Markup | str = "", **attributes: float | str) -> Markup:
    """Give one shape with its class and attributes; numbers are rounded to a tenth of a px."""
    said = Markup("").join(
        Markup(' {}="{}"').format(key.replace("_", "-"), _trim(value) if isinstance(value, float | int) else value)
        for key, value in attributes.items()
    )
    if inner:
        return Markup('<{0} class="{1}"{2}>{3}</{0}>').format(name, css, said, inner)
    return Markup('<{} class="{}"{}/>').format(name, css, said)


def hover(words: str) -> Markup:
    """Give the title that a pointer sees on a shape."""
    return Markup("<title>{}</title>").format(words)


def link(href: str, inner: Markup) -> Markup:
    """Let a part of the chart lead somewhere."""
    return Markup('<a href="{}">{}</a>').format(href, inner)


def _trim(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(escape(value))
