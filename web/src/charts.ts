// The history as curves: how much is asked and reported, and how many there are.

import uPlot from "uplot";
import {axisOf, ratesOf, type RoleMark, waitOf} from "./curves.js";
import {element, set, setHidden, setText} from "./dom.js";
import {duration, number, ticks} from "./format.js";
import {roleName} from "./model.js";
import type {Series} from "./types.js";

interface Curve {
  label: string;
  color: string;
  dashes: number[];
  /** Whether it goes from value to value in steps, as counts do. */
  stepped: boolean;
}

type Values = (number | null)[];

const kHeight = 190;
const kMinute = 60;
const kHour = 60 * kMinute;
const kSteps = [10, 30, ...[1, 2, 5, 10, 15, 30].map((count) => count * kMinute), kHour, 2 * kHour, 3 * kHour];
const kTick = 76; // pixels from one time to the next
const kFewValues = 3; // so few are points: no line leads from one value to itself

function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

class Chart {
  private plot: uPlot | undefined;
  private data: [number[], Values, Values] = [[], [], []];
  private axis: [number, number] = [0, 0];
  private marks: readonly RoleMark[] = [];
  private readonly area = element("div", {class: "plot", role: "img"});
  private readonly now: HTMLElement[] = [];

  constructor(
    place: HTMLElement,
    private readonly title: string,
    private readonly curves: [Curve, Curve],
  ) {
    const legend = element("p", {class: "legend"});
    for (const curve of curves) {
      const value = element("b", {}, "–");
      this.now.push(value);
      legend.append(element("span", {"class": "key", "data-color": curve.color}), `${curve.label} `, value, " ");
    }
    place.append(element("figure", {}, element("figcaption", {}, element("h3", {}, title), legend), this.area));
    new ResizeObserver(() => this.plot?.setSize({width: this.width(), height: kHeight})).observe(this.area);
  }

  show(time: number[], first: Values, second: Values, axis: [number, number], marks: readonly RoleMark[]): void {
    this.data = [time, first, second];
    this.axis = axis;
    this.marks = marks;
    if (this.plot) this.plot.setData(this.data);
    else this.draw();
    this.say();
  }

  /** Draws from the beginning, with the colours that hold now. */
  draw(): void {
    this.plot?.destroy();
    this.plot = new uPlot(this.options(), this.data, this.area);
  }

  private width(): number {
    return Math.max(200, this.area.clientWidth);
  }

  private options(): uPlot.Options {
    const axis = (): uPlot.Axis => ({
      stroke: colorOf("quiet"),
      grid: {stroke: colorOf("rule"), width: 1},
      ticks: {show: false},
      font: "11px system-ui, sans-serif",
      gap: 6,
    });
    const stepped = uPlot.paths.stepped?.({align: -1});
    return {
      width: this.width(),
      height: kHeight,
      legend: {show: false},
      padding: [14, 28, 0, 0], // half of the last time
      cursor: {y: false, drag: {x: false, y: false, setScale: false}, points: {size: 7}},
      scales: {
        x: {range: () => this.axis},
        y: {range: (_, __, most) => [0, Math.max(4, Math.ceil((most ?? 0) * 1.15))]},
      },
      axes: [
        {...axis(), space: kTick, incrs: kSteps, values: (_, splits, __, ___, step) => ticks(splits, step)},
        {
          ...axis(),
          size: 44,
          space: 36,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000],
          values: (_, splits) => splits.map(number),
        },
      ],
      series: [
        {},
        ...this.curves.map((curve): uPlot.Series => ({
          label: curve.label,
          stroke: colorOf(curve.color),
          width: 1.75,
          dash: curve.dashes,
          points: {show: (plot) => (plot.data[0]?.length ?? 0) <= kFewValues, size: 5, fill: colorOf(curve.color)},
          spanGaps: false,
          ...(curve.stepped && stepped ? {paths: stepped} : {}),
        })),
      ],
      hooks: {drawAxes: [(plot) => this.drawMarks(plot)], setCursor: [() => this.say()]},
    };
  }

  /** Role changes: a line where one happened, and the new role beside it while there is room. */
  private drawMarks(plot: uPlot): void {
    const {ctx, bbox} = plot;
    const scale = uPlot.pxRatio;
    let free = -Infinity;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colorOf("look");
    ctx.setLineDash([3 * scale, 3 * scale]);
    ctx.lineWidth = scale;
    ctx.textAlign = "left";
    ctx.textBaseline = "alphabetic";
    ctx.font = `${11 * scale}px system-ui, sans-serif`;
    for (const {time, role} of this.marks) {
      const x = Math.round(plot.valToPos(time, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const words = roleName(role);
      const width = ctx.measureText(words).width + 6 * scale;
      const left = Math.min(x + 3 * scale, bbox.left + bbox.width - width);
      if (left <= free) continue;
      ctx.fillText(words, left, bbox.top - 3 * scale);
      free = left + width;
    }
    ctx.restore();
  }

  /** The values under the pointer, else the last ones. */
  private say(): void {
    const at = this.plot?.cursor.idx ?? this.data[0].length - 1;
    const parts = this.curves.map((curve, index) => {
      const value = this.data[index === 0 ? 1 : 2][at];
      const text = value === null || value === undefined ? "–" : number(value);
      const node = this.now[index];
      if (node) setText(node, text);
      return `${curve.label} ${value === null || value === undefined ? "not known" : text}`;
    });
    set(this.area, "aria-label", `${this.title}, latest: ${parts.join(", ")}`);
  }
}

export class Charts {
  private readonly traffic: Chart;
  private readonly members: Chart;
  private shown = "";

  constructor(
    private readonly place: HTMLElement,
    private readonly note: HTMLElement,
  ) {
    this.traffic = new Chart(place, "Messages per minute", [
      {label: "reports", color: "curve-1", dashes: [], stepped: false},
      {label: "queries", color: "curve-2", dashes: [5, 3], stepped: false},
    ]);
    this.members = new Chart(place, "Members", [
      {label: "groups", color: "curve-1", dashes: [], stepped: true},
      {label: "hosts", color: "curve-2", dashes: [5, 3], stepped: true},
    ]);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      if (this.shown === "") return;
      this.traffic.draw();
      this.members.draw();
    });
  }

  show(key: string, series: Series | undefined, interval: number, marks: readonly RoleMark[]): void {
    if (series === undefined || waitOf(series, interval, 0) > 0) return;
    const shown = `${key} ${series.time[0]} ${series.time.at(-1)} ${marks.at(-1)?.time ?? 0}`;
    if (shown === this.shown) return;
    this.shown = shown;
    setHidden(this.place, false);
    const axis = axisOf(series.time);
    const rates = ratesOf(series.time, [series.reports, series.queries], interval);
    this.traffic.show(rates.time, rates.curves[0] ?? [], rates.curves[1] ?? [], axis, marks);
    this.members.show(series.time, series.groups, series.hosts, axis, marks);
  }

  /** Until there are curves, tells when they begin. `now`: unix seconds of the exporter. */
  tick(series: Series | undefined, interval: number, now: number): void {
    const wait = waitOf(series, interval, now);
    setHidden(this.place, wait > 0);
    setHidden(this.note, wait === 0);
    const when = series === undefined ? "within two minutes" : wait > 1 ? `in ${duration(wait)}` : "in a moment";
    setText(this.note, `The exporter has begun to count: the curves begin ${when}.`);
  }
}
