"""Charts as SVG, drawn on the server: each has a title and a description, and the page puts the table beneath."""

from eendracht.kit.charts.bars import Bar, draw_bars
from eendracht.kit.charts.dots import Dot, draw_dots
from eendracht.kit.charts.gantt import GanttBar, draw_gantt
from eendracht.kit.charts.layers import Box, Line, draw_layers
from eendracht.kit.charts.spans import Span, draw_spans
from eendracht.kit.charts.sparkline import draw_sparkline
from eendracht.kit.charts.steps import draw_steps
from eendracht.kit.charts.treemap import Tile, draw_treemap

__all__ = [
    "Bar",
    "Box",
    "Dot",
    "GanttBar",
    "Line",
    "Span",
    "Tile",
    "draw_bars",
    "draw_dots",
    "draw_gantt",
    "draw_layers",
    "draw_spans",
    "draw_sparkline",
    "draw_steps",
    "draw_treemap",
]
