// The nodes of the drawing, what they say, and who is next to whom. No document here.

import {counted, cut, label, shortened} from "./format.js";
import type {Amounts, DrawnHost, Places, Selection} from "./layout.js";
import type {View} from "./model.js";
import type {Part} from "./ranges.js";

/** What is selected, on the page and in the drawing. */
export type Chosen = {kind: "host" | "group" | "querier" | "range"; address: string} | undefined;

export function chosenKey(chosen: Chosen): string {
  return chosen ? `${chosen.kind} ${chosen.address}` : "";
}

export interface QuerierNode {
  address: string;
  title: string;
  about: string;
  kind: "elected" | "standby" | "rival";
}

/** Who asks on this LAN, the elected one first. */
export function queriersOf({interface: one}: View): QuerierNode[] {
  const us = one.address ?? one.querier;
  const nodes: QuerierNode[] = [];
  if (one["other-querier"]) {
    nodes.push({address: one["other-querier"].address, title: "querier", about: "queries this LAN", kind: "elected"});
  }
  if (one.role === "querier") {
    nodes.push({address: us ?? "this host", title: "querier", about: "this host queries this LAN", kind: "elected"});
  } else {
    nodes.push({
      address: us ?? "no address",
      title: "this host",
      kind: "standby",
      about: one.role === "waiting" ? label(one.reason) : "stands by",
    });
  }
  if (one.rival) nodes.push({address: one.rival.address, title: "rival", about: "also queries", kind: "rival"});
  return nodes;
}

/** A node of the drawing: what it says and where it stands. */
export interface Item {
  key: string;
  chosen: NonNullable<Chosen>;
  label: string;
  about: string;
  says: string;
  x: number;
  y: number;
  radius: number;
  kind: string;
}

export const chosenOf = ({isRange, label}: Part): NonNullable<Chosen> => ({
  kind: isRange ? "range" : "group",
  address: label,
});

/** What stands beside a part. */
function aboutOf({isRange, groups, name}: Part): string {
  const count = isRange ? [counted(groups.length, "group")] : [];
  return [...count, ...(name === "" ? [] : [label(name)])].join(", ");
}

export function amountsOf({hosts, parts}: Selection, queriers: number): Amounts {
  const longest = (lengths: number[]) => lengths.reduce((most, length) => Math.max(most, length), 0);
  return {
    queriers,
    hosts: hosts.length,
    groups: parts.length,
    hostLabel: longest(hosts.map((host) => host.address.length)),
    groupLabel: longest(
      parts.map((part) => {
        const about = aboutOf(part);
        return part.label.length + (about === "" ? 0 : about.length + 3);
      }),
    ),
  };
}

function querierItem(querier: QuerierNode, index: number, places: Places): Item {
  const key = chosenKey({kind: "querier", address: `${querier.kind} ${querier.address}`});
  const length = places.narrow ? places.hostCharacters + 12 : 40;
  return {
    key,
    chosen: {kind: "querier", address: `${querier.kind} ${querier.address}`},
    label: shortened(querier.address, length),
    about: querier.about,
    says: `${querier.title} ${label(querier.address)}, ${querier.about}`,
    x: places.nodeX,
    y: places.queriers[index] ?? 0,
    radius: 9,
    kind: `querier ${querier.kind}`,
  };
}

function hostItem(host: DrawnHost, index: number, own: string | null, places: Places): Item {
  const here = host.address === own ? ", this host" : "";
  const name = host.host?.name ? `, ${label(host.host.name)}` : "";
  return {
    key: `host ${host.address}`,
    chosen: {kind: "host", address: host.address},
    label: shortened(host.address, places.hostCharacters),
    about: "",
    says: `host ${label(host.address)}${name}${here}, listens to ${counted(host.listensTo, "group")}${host.silent ? ", silent" : ""}`,
    x: places.nodeX,
    y: places.hosts[index] ?? 0,
    radius: 4,
    kind: host.silent ? "host silent" : "host",
  };
}

function partItem(part: Part, index: number, places: Places): Item {
  const chosen = chosenOf(part);
  const about = aboutOf(part);
  const text = shortened(part.label, places.groupCharacters);
  const room = places.narrow ? places.groupCharacters : places.groupCharacters - text.length - 3;
  return {
    key: chosenKey(chosen),
    chosen,
    label: text,
    about: room >= 3 || places.narrow ? cut(about, Math.max(room, 6)) : "",
    says: `${chosen.kind} ${label(part.label)}${about === "" ? "" : `, ${about}`}, ${counted(part.count, "member")}`,
    x: places.lineTo,
    y: places.groups[index] ?? 0,
    radius: Math.min(9, 3.5 + Math.sqrt(part.isRange ? part.groups.length : part.count)),
    kind: part.isRange ? "group range" : "group",
  };
}

/** All nodes: queriers and hosts from top to bottom, then groups from top to bottom. */
export function itemsOf(view: View, queriers: readonly QuerierNode[], selection: Selection, places: Places): Item[] {
  const own = view.interface.address;
  return [
    ...queriers.map((querier, index) => querierItem(querier, index, places)),
    ...selection.hosts.map((host, index) => hostItem(host, index, own, places)),
    ...selection.parts.map((part, index) => partItem(part, index, places)),
  ];
}

/** Whether a node stands in the right column. */
export const isRight = ({chosen: {kind}}: Item): boolean => kind === "group" || kind === "range";

/** Up and down follow a column, left and right go to the nearest of the other one. */
export function neighbour(items: readonly Item[], at: number, key: string): number | undefined {
  const item = items[at];
  const firstGroup = items.findIndex((one) => isRight(one));
  const columnEnd = firstGroup < 0 ? items.length : firstGroup;
  const [first, last] = item && isRight(item) ? [columnEnd, items.length - 1] : [0, columnEnd - 1];
  const across = (from: number, end: number) => {
    let best: number | undefined;
    for (let index = from; index < end; ++index) {
      const distance = (one: number | undefined) => Math.abs((items[one ?? 0]?.y ?? 0) - (item?.y ?? 0));
      if (best === undefined || distance(index) < distance(best)) best = index;
    }
    return best;
  };
  switch (key) {
    case "ArrowUp":
      return Math.max(first, at - 1);
    case "ArrowDown":
      return Math.min(last, at + 1);
    case "Home":
      return first;
    case "End":
      return last;
    case "ArrowRight":
      return first === 0 ? across(columnEnd, items.length) : undefined;
    case "ArrowLeft":
      return first > 0 ? across(0, columnEnd) : undefined;
    default:
      return undefined;
  }
}

/** What the drawing does not show, in words; empty when it shows all. */
export function noteOf({hosts, parts, hostsNotDrawn, groupsNotDrawn}: Selection, {interface: one}: View): string {
  const notes = [];
  if (parts.some((part) => part.isRange)) notes.push("There are too many groups to draw each: select a range to open it.");
  if (hostsNotDrawn > 0) {
    notes.push(`Shown are the ${counted(hosts.length, "host")} that listen to most; not shown: ${counted(hostsNotDrawn, "host")}.`);
  }
  if (groupsNotDrawn > 0) notes.push(`Not listed: ${counted(groupsNotDrawn, "group")}, which the filter of the groups finds.`);
  if (!one.settings["explicit-tracking"]) {
    notes.push("Hosts are not tracked: the line of a group leads to its last reporter.");
  }
  if (hosts.length === 0 && parts.length === 0) notes.push("No group has a member.");
  return notes.join(" ");
}
