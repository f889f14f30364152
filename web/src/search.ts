// What the exporter finds beyond the groups that it lists.

import {Fetcher} from "./connection.js";
import {keyOf, type View} from "./model.js";
import type {Found, Group} from "./types.js";

/** The longest text that the exporter takes, in bytes; an interface of Linux has a shorter name. */
const kMaxText = 200;
const kMaxWords = 8;

/** Groups without doubles: the first of each address. */
export function merged(listed: readonly Group[], found: readonly Group[]): Group[] {
  const byAddress = new Map<string, Group>();
  for (const group of [...listed, ...found]) {
    if (!byAddress.has(group["group-address"])) byAddress.set(group["group-address"], group);
  }
  return [...byAddress.values()];
}

/** Where to ask for the groups of a view that have all words; undefined when there is nothing to ask for. */
export function searchPath({interface: one, groups}: View, text: string): string | undefined {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const match = words.join(" ");
  if (match === "" || one["groups-count"] <= groups.length || words.length > kMaxWords) return undefined;
  const isLong = (value: string) => new TextEncoder().encode(value).length > kMaxText;
  if (isLong(match) || isLong(one["interface-name"])) return undefined;
  const parts = {interface: one["interface-name"], family: one.family, match};
  const pairs = Object.entries(parts).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `/v1/groups?${pairs.join("&")}`;
}

export class Search {
  private text = "";
  private path: string | undefined;
  private viewKey = "";
  private answer: Found | undefined; // to `path`
  private readonly fetcher: Fetcher<Found>;

  constructor(changed: () => void) {
    this.fetcher = new Fetcher<Found>(
      () => this.path ?? "",
      (answer, path) => {
        if (path !== this.path) return;
        this.answer = answer;
        changed();
      },
      () => undefined, // whoever asks for the state notices as well
    );
  }

  /** Other words, another view, or another state. */
  ask(view: View | undefined, text = this.text): void {
    this.text = text;
    const path = view && searchPath(view, text);
    if (path !== this.path) this.answer = undefined;
    this.path = path;
    this.viewKey = view ? keyOf(view.interface) : "";
    if (path !== undefined) this.fetcher.ask();
  }

  /** How many groups the exporter has found, if it was asked and has answered. */
  count(): number | undefined {
    return this.answer?.found;
  }

  /** The view with what was found for it. */
  extended(view: View): View {
    if (!this.answer || view.key !== this.viewKey) return view;
    return {...view, groups: merged(view.groups, this.answer.groups)};
  }
}
