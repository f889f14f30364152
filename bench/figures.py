"""Figures with bounds, as a table."""

import dataclasses


@dataclasses.dataclass
class Figure:
    name: str
    unit: str
    value: float
    bound: float = None
    note: str = ""

    def is_exceeded(self):
        return self.bound is not None and self.value > self.bound

    def __str__(self):
        digits = 0 if abs(self.value) >= 100 or self.value == int(self.value) else 2
        bound, verdict = ("-", "-") if self.bound is None else (f"{self.bound:g}", "over" if self.is_exceeded() else "PASS")
        name = f"{self.name}, {self.unit}" if self.unit else self.name
        return f"| {name} | {self.value:.{digits}f} | {bound} | {verdict} | {self.note} |"


class Table:
    """Smaller is better."""

    def __init__(self):
        self.figures = []

    def add(self, *arguments, **named):
        self.figures.append(Figure(*arguments, **named))

    def __str__(self):
        return "\n".join(["| | | bound | | |", "|---|---:|---:|---|---|", *map(str, self.figures)])

    def exit_status(self):
        return int(any(figure.is_exceeded() for figure in self.figures))
