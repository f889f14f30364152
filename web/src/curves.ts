// The history as numbers: curves, their axis of time, and when they begin. No document here.

import {keyOf} from "./model.js";
import type {Happening, Series} from "./types.js";

export interface RoleMark {
  time: number;
  role: string;
}

/** The role changes of a view, for the charts: unix seconds. */
export function roleMarks(events: readonly Happening[], key: string): RoleMark[] {
  const marks: RoleMark[] = [];
  for (const event of events) {
    const {"interface-name": name, family, role} = event;
    if (event.event !== "role-changed" || name === undefined || family === undefined || !role) continue;
    const time = Date.parse(event.time) / 1000;
    if (keyOf({"interface-name": name, family}) === key && Number.isFinite(time)) marks.push({time, role});
  }
  return marks;
}

type Counts = readonly (number | null)[];

export interface Rates {
  time: number[];
  curves: (number | null)[][];
}

const kMinBin = 60;
const kMaxBins = 200;

/**
 * Counts of intervals as rates per minute. Several intervals make one value, since queries come in a beat that would
 * draw a comb; they are whole minutes of the clock, so that values do not change when others are added. The last one
 * is told when it is over. What is not known stays so.
 */
export function ratesOf(time: readonly number[], counts: readonly Counts[], interval: number): Rates {
  const stretch = (time.at(-1) ?? 0) - (time[0] ?? 0);
  const seconds = kMinBin * Math.max(1, Math.ceil(stretch / kMaxBins / kMinBin));
  const rates: Rates = {time: [], curves: counts.map(() => [])};
  for (let from = 0, to = 0; from < time.length; from = to) {
    // An interval counts where it ends: one that ends at the full minute belongs to the minute before.
    const bin = Math.ceil((time[from] ?? 0) / seconds);
    while (to < time.length && Math.ceil((time[to] ?? 0) / seconds) === bin) ++to;
    if (to === time.length && (time[to - 1] ?? 0) + interval <= bin * seconds) break;
    rates.time.push(bin * seconds);
    counts.forEach((count, index) => {
      const known = count.slice(from, to).filter((value): value is number => value !== null);
      const sum = known.reduce((all, value) => all + value, 0);
      rates.curves[index]?.push(known.length === 0 ? null : (sum * 60) / (known.length * interval));
    });
  }
  return rates;
}

export function seriesOf(series: readonly Series[], key: string): Series | undefined {
  return series.find((one) => keyOf(one) === key);
}

/** An axis of time has so many seconds at least: the first minutes do not stretch two samples over the width. */
export const kShortestAxis = 120;

/** From where to where the axis of both charts goes: it begins with the first sample, and grows. */
export function axisOf(time: readonly number[]): [from: number, to: number] {
  const [first, last] = [time[0] ?? 0, time.at(-1) ?? 0];
  return [first, Math.max(last, first + kShortestAxis)];
}

/**
 * For how many seconds there are no curves yet at `now`, a time of the exporter: they begin with the sample that ends
 * the first minute of which anything is known. 0: they are there.
 */
export function waitOf(series: Series | undefined, interval: number, now: number): number {
  const first = series?.time[0];
  if (series === undefined || first === undefined) return kShortestAxis;
  const known = ratesOf(series.time, [series.reports], interval).curves[0]?.some((value) => value !== null);
  if (known) return 0;
  const minute = Math.ceil((first + interval) / kMinBin) * kMinBin;
  const samples = Math.floor((minute - interval - first) / interval) + 1;
  return Math.max(1, Math.ceil(first + Math.max(1, samples) * interval - now));
}
