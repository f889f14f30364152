"""Curves on logarithmic or plain axes as SVG, legible on light and dark pages."""

import dataclasses
import html
import math

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 300, 240, 66, 58, 52, 34  # of a panel's frame, and the room around it
COLOURS = ("#0b6bcb", "#2a8a4a", "#8a5cc2", "#c2410c"), ("#6cb2ff", "#66d08a", "#c3a2f5", "#ff9a5c")
DASHES = "", "6 3", "2 3", "9 3 2 3"  # who cannot tell the colours apart can tell these
STYLE = """<style>
text {{ font: 12px sans-serif; fill: #1f2328 }} .title {{ font-weight: bold }} .page {{ fill: #ffffff }}
.frame {{ fill: none; stroke: #59636e }} .grid {{ stroke: #d1d9e0 }} {light}
@media (prefers-color-scheme: dark) {{
text {{ fill: #f0f6fc }} .page {{ fill: #0d1117 }} .frame {{ stroke: #9198a1 }} .grid {{ stroke: #3d444d }} {dark} }}
</style>"""


@dataclasses.dataclass
class Panel:
    title: str
    x_label: str
    y_label: str
    curves: dict  # points by name
    is_plain: bool = False  # both axes begin at 0


def decades(values):
    """The powers of ten that enclose them all."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def number(exponent):
    return f"{10 ** exponent:,}" if exponent >= 0 else f"{10 ** exponent:.{-exponent}f}"


class Logarithmic:
    """An axis: where a value is, from 0 to 1, and the values with a line."""

    def __init__(self, values):
        self._low, self._high = decades(values)
        self.marks = [(10.0 ** exponent, number(exponent)) for exponent in range(self._low, self._high + 1)]

    def place(self, value):
        return (math.log10(value) - self._low) / (self._high - self._low)


class Plain:
    def __init__(self, values):
        top = max([*values, 1e-9])
        size = 10.0 ** math.floor(math.log10(top))
        step = next(size * factor for factor in (0.2, 0.5, 1, 2) if top <= 6 * size * factor)
        count = math.ceil(top / step)
        self._high = count * step
        self.marks = [(step * i, f"{step * i:,.4g}") for i in range(count + 1)]

    def place(self, value):
        return value / self._high


class Chart:
    def __init__(self, panels, names):
        self.panels, self.names = panels, names

    def svg(self):
        width = len(self.panels) * (LEFT + WIDTH + GAP)
        height = TOP + HEIGHT + BOTTOM
        light, dark = (" ".join(f".c{i} {{ stroke: {colour}; fill: {colour} }}" for i, colour in enumerate(colours))
                       for colours in COLOURS)
        parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">',
                 f"<title>{html.escape('; '.join(panel.title for panel in self.panels))}</title>",
                 STYLE.format(light=light, dark=dark), f'<rect class="page" width="{width}" height="{height}"/>']
        parts += self._legend()
        for number_of_panel, panel in enumerate(self.panels):
            parts += self._panel(panel, number_of_panel * (LEFT + WIDTH + GAP) + LEFT)
        return "\n".join([*parts, "</svg>"]) + "\n"

    def _legend(self):
        parts, x = [], LEFT
        for i, name in enumerate(self.names):
            parts.append(f'<line class="c{i}" x1="{x}" y1="16" x2="{x + 28}" y2="16" stroke-width="2" '
                         f'stroke-dasharray="{DASHES[i]}"/><text x="{x + 34}" y="20">{html.escape(name)}</text>')
            x += 60 + 7 * len(name)
        return parts

    def _panel(self, panel, left):
        points = [point for curve in panel.curves.values() for point in curve]
        make = Plain if panel.is_plain else Logarithmic
        x_axis, y_axis = make([x for x, _ in points]), make([y for _, y in points])

        def place(x, y):
            return left + WIDTH * x_axis.place(x), TOP + HEIGHT * (1 - y_axis.place(y))

        parts = [f'<text class="title" x="{left}" y="{TOP - 12}">{html.escape(panel.title)}</text>']
        for value, text in x_axis.marks:
            x = left + WIDTH * x_axis.place(value)
            parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{TOP + HEIGHT}"/>'
                         f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{text}</text>')
        for value, text in y_axis.marks:
            y = TOP + HEIGHT * (1 - y_axis.place(value))
            parts.append(f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{left + WIDTH}" y2="{y:.1f}"/>'
                         f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')
        middle = TOP + HEIGHT / 2
        parts += [f'<rect class="frame" x="{left}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}"/>',
                  f'<text x="{left + WIDTH / 2}" y="{TOP + HEIGHT + 40}" text-anchor="middle">{panel.x_label}</text>',
                  f'<text x="{left - 52}" y="{middle}" text-anchor="middle" '
                  f'transform="rotate(-90 {left - 52} {middle})">{panel.y_label}</text>']
        for name, curve in panel.curves.items():
            i = self.names.index(name)
            places = [place(x, y) for x, y in curve]
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            parts.append(f'<polyline class="c{i}" points="{line}" stroke-width="2" stroke-dasharray="{DASHES[i]}" '
                         'style="fill: none"/>')
            if not panel.is_plain:
                parts += [f'<circle class="c{i}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places]
        return parts
