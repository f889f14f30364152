// What the page shows of a state: pure functions, no document.

import {addressKey, compare, counted, label, moment, printable} from "./format.js";
import type {Family, Group, Happening, Host, Interface, State, Status} from "./types.js";

/** How well things are, from what calms to what alarms; "unknown" is when nobody says. */
export type Level = "good" | "look" | "bad" | "unknown";

export interface Judgement {
  level: Level;
  word: string;
  sentence: string;
  note: string;
}

/** A host as it is shown: it has missed only queries whose time to answer is over. */
export interface ShownHost extends Host {
  /** Each of its groups has another member, which may have answered for it. */
  othersAnswer: boolean;
}

/** Part of the state: a family on an interface. */
export interface View {
  key: string;
  interface: Interface;
  groups: Group[];
  hosts: ShownHost[];
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
  const hosts = new Map([...views.keys()].map((key): [string, Host[]] => [key, []]));
  for (const host of state.hosts) hosts.get(keyOf(host))?.push(host);
  for (const view of views.values()) view.hosts = shownHosts(hosts.get(view.key) ?? [], view);
  return [...views.values()];
}

function shownHosts(hosts: readonly Host[], {interface: one, groups}: View): ShownHost[] {
  const isUnderWay = one["last-general-query"]?.complete === false;
  const [alone, together] = [new Set<string>(), new Set<string>()];
  for (const group of groups) {
    const members = group["hosts-count"] > 1 ? together : alone;
    for (const member of group.host) members.add(member["host-address"]);
  }
  const isWhole = groups.length >= one["groups-count"];
  return hosts.map((host) => {
    const [address, missed] = [host["host-address"], host["missed-queries"]];
    return {
      ...host,
      "missed-queries": isUnderWay ? Math.max(0, missed - 1) : missed,
      "othersAnswer": isWhole && together.has(address) && !alone.has(address),
    };
  });
}

/** Why the exporter has no state of the daemon; undefined when it has. */
export function silenceOf(state: State): Silence | undefined {
  if (state.reachable && state.status) return undefined;
  return {sentence: state.problem ?? "the daemon does not answer", since: new Date(state.since)};
}

export function judge(status: Status, hosts: readonly Host[]): Judgement {
  const sentence = printable(status.verdict);
  if (!status.healthy) return {level: "bad", word: "Trouble", sentence, note: ""};
  const missing = hosts.filter(isMissing).length;
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

/** Why nothing new is known, and since when. */
export interface Silence {
  sentence: string;
  since: Date;
}

/** The same in the header and in the headline: since when nobody answers. */
export function sinceWords({since}: Silence, now: Date): string {
  return `no answer since ${moment(since, now)}`;
}

/** The judgement while nobody answers: the last one would be older than it looks. */
export function unanswered(silence: Silence, now: Date): Judgement {
  const note = `${sinceWords(silence, now).replace("n", "N")}; the page goes on when there is one.`;
  return {level: "bad", word: "No answer", sentence: printable(silence.sentence), note};
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

export const kRoleNames: Record<string, string> = {
  "querier": "querier",
  "non-querier": "standing by",
  "waiting": "waiting",
};

export function roleName(role: string): string {
  return kRoleNames[role] ?? label(role);
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

/**
 * The group of 224.0.0.0/24 whose Ethernet address an IPv4 group outside of it has, which carries only its last 23 bits
 * (RFC 1112 section 6.4). Switches flood such a group or take it for control traffic.
 */
export function collision(address: string): string | undefined {
  const [first, second, third, last, more] = address.split(".");
  if (second === undefined || last === undefined || more !== undefined || third !== "0") return undefined;
  if ((Number(second) & 0x7f) !== 0 || (first === "224" && second === "0")) return undefined;
  return `224.0.0.${last}`;
}

/** The first number below `count` for which it is true, as it is for all after that; `count` when it is for none. */
export function firstWhere(count: number, isTrue: (at: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export const groupKey = (group: Group): string => addressKey(group["group-address"]);
export const hostKey = (host: Host): string => addressKey(host["host-address"]);
