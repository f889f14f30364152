"""Figures with bounds, as a table."""

import dataclasses
import statistics


def rounded(value):
    return f"{value:.{0 if abs(value) >= 100 or value == int(value) else 2}f}"


def row(cells):
    return "| " + " | ".join(cells) + " |"


@dataclasses.dataclass
class Figure:
    """One value, or one of each run. A busy machine spoils the maximum, so the median is judged."""

    name: str
    unit: str
    values: list
    bound: float = None
    note: str = ""

    def __post_init__(self):
        self.values = [self.values] if isinstance(self.values, (int, float)) else list(self.values)
        self.median = statistics.median(self.values)

    def is_exceeded(self):
        return self.bound is not None and self.median > self.bound

    def row(self, has_runs):
        name = f"{self.name}, {self.unit}" if self.unit else self.name
        runs = [rounded(max(self.values)), str(len(self.values))] if has_runs else []
        bound, verdict = ("-", "-") if self.bound is None else (f"{self.bound:g}", "over" if self.is_exceeded() else "PASS")
        return row([name, rounded(self.median), *runs, bound, verdict, self.note])


class Table:
    """Smaller is better."""

    def __init__(self):
        self.figures = []

    def add(self, *arguments, **named):
        self.figures.append(Figure(*arguments, **named))

    def __str__(self):
        has_runs = any(len(figure.values) > 1 for figure in self.figures)
        head = ["", *(["median", "maximum", "runs"] if has_runs else [""]), "bound", "", ""]
        rule = "|---|" + "---:|" * (len(head) - 3) + "---|---|"
        return "\n".join([row(head), rule, *(figure.row(has_runs) for figure in self.figures)])

    def exit_status(self):
        return int(any(figure.is_exceeded() for figure in self.figures))
