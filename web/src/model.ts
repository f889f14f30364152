// What the page shows of a state: pure functions, no document.

import {addressKey, compare, counted, label, printable} from "./format.js";
import type {Family, Group, Happening, Host, Interface, Series, State} from "./types.js";

/** How well things are, from what calms to what alarms; "unknown" is when nobody says. */
export type Level = "good" | "look" | "bad" | "unknown";

export interface Judgement {
  level: Level;
  word: string;
  sentence: string;
  note: string;
}

/** Part of the state: a family on an interface. */
export interface View {
  key: string;
  interface: Interface;
  groups: Group[];
  hosts: Host[];
}

const kMissedBySilent = 2;

/** A host that should answer, and has missed so many General Queries, is silent: maybe another has answered for it. */
export function isSilent(host: Host): boolean {
  return host.awaited && host["missed-queries"] >= kMissedBySilent;
}

/** A host whose silence the daemon finds wrong: nobody can have answered for it. */
export function isMissing(host: Host): boolean {
  return host.silent;
}

export function keyOf(part: {"interface-name": string; "family": Family}): string {
  return `${part["interface-name"]}/${part.family}`;
}

export function viewsOf(state: State): View[] {
  const views = new Map<string, View>();
  for (const one of state.status?.interfaces ?? []) {
    views.set(keyOf(one), {key: keyOf(one), interface: one, groups: [], hosts: []});
  }
  for (const group of state.groups) views.get(keyOf(group))?.groups.push(group);
  for (const host of state.hosts) views.get(keyOf(host))?.hosts.push(host);
  return [...views.values()];
}

export function judge(state: State): Judgement {
  const {status} = state;
  if (!state.reachable || !status) {
    return {
      level: "bad",
      word: "No answer",
      sentence: printable(state.problem ?? "the daemon does not answer"),
      note: "",
    };
  }
  const sentence = printable(status.verdict);
  if (!status.healthy) return {level: "bad", word: "Trouble", sentence, note: ""};
  const missing = state.hosts.filter(isMissing).length;
  if (missing > 0) {
    const verb = missing === 1 ? "has" : "have";
    return {
      level: "look",
      word: "Healthy, with a warning",
      sentence,
      note: `${counted(missing, "host")} that should answer ${verb} missed the last two queries or more.`,
    };
  }
  return {level: "good", word: "Healthy", sentence, note: ""};
}

/** What is left of a judgement when the exporter does not answer any more. */
export function lost(judged: Judgement): Judgement {
  return {
    level: "unknown",
    word: "Unknown",
    sentence: judged.sentence,
    note: `The exporter does not answer. Its last verdict is above: ${judged.word.toLowerCase()}.`,
  };
}

/** The judgement of one interface, for its tab. */
export function judgeView(view: View): Level {
  if (!view.interface.healthy) return "bad";
  if (view.interface.findings.some(({severity}) => severity === "risk")) return "look";
  return view.hosts.some(isMissing) ? "look" : "good";
}

/** The findings of an interface that its verdict does not tell. */
export function furtherFindings({healthy, protocol, findings}: Interface): {severity: string; text: string}[] {
  return findings.slice(healthy ? 0 : 1).map(({severity, subject, what, fix}) => ({
    severity,
    text: printable(`${subject === protocol ? "" : `${subject} `}${what}: ${fix}`),
  }));
}

export const kMaxEvents = 256;

/**
 * Events without doubles, in the order in which they happened, and only the last of them. The numbers begin anew when
 * the daemon does, so a number alone says nothing.
 */
export function mergeEvents(known: readonly Happening[], added: readonly Happening[]): Happening[] {
  const byKey = new Map<string, Happening>();
  for (const event of [...known, ...added]) byKey.set(`${event.time} ${event.id}`, event);
  return [...byKey.values()].sort((a, b) => compare(a.time, b.time) || compare(a.id, b.id)).slice(-kMaxEvents);
}

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

export const kRoleNames: Record<string, string> = {
  "querier": "querier",
  "non-querier": "standing by",
  "waiting": "waiting",
};

export function roleName(role: string): string {
  return kRoleNames[role] ?? label(role);
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

export type Value = string | number;

/** Rows whose text has all words that are looked for, in order of a value; `descending` turns that round. */
export function chosen<T>(
  rows: readonly T[],
  text: (row: T) => string,
  wanted: string,
  value: (row: T) => Value,
  tie: (row: T) => Value,
  descending: boolean,
): T[] {
  const asked = wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const keyed = [];
  for (const row of rows) {
    const searched = asked.length > 0 ? text(row).toLowerCase() : "";
    if (asked.every((word) => searched.includes(word))) keyed.push({row, value: value(row), tie: tie(row)});
  }
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => sign * compare(a.value, b.value) || compare(a.tie, b.tie));
  return keyed.map(({row}) => row);
}

export const groupKey = (group: Group): string => addressKey(group["group-address"]);
export const hostKey = (host: Host): string => addressKey(host["host-address"]);
