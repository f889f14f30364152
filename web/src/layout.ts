// The drawing of a LAN as numbers: who is drawn, in which order and where. No document here.

import {addressKey, compare} from "./format.js";
import {isSilent, type ShownHost, type View} from "./model.js";
import {groupsIn, membersOf, type Part, partKey, partsOf} from "./ranges.js";

export const kMaxParts = 40;
export const kMaxHosts = 60;

/** A host of the drawing; one that only a group knows, because the list of hosts does not reach so far, has no `host`. */
export interface DrawnHost {
  address: string;
  host: ShownHost | undefined;
  silent: boolean;
  /** To how many of the groups that are drawn, in ranges or not. */
  listensTo: number;
}

export interface Selection {
  hosts: DrawnHost[];
  parts: Part[];
  /** Who listens to what, by index. */
  edges: [host: number, part: number][];
  hostsNotDrawn: number;
  /** In no part: the exporter lists no more. */
  groupsNotDrawn: number;
}

/** Hosts that listen to most of what is drawn. */
function keenest(hosts: readonly ShownHost[], parts: readonly Part[]): {drawn: DrawnHost[]; all: number} {
  const listening = new Map<string, number>();
  for (const host of hosts) listening.set(host["host-address"], 0);
  for (const {groups} of parts) {
    for (const member of groups.flatMap(membersOf)) listening.set(member, (listening.get(member) ?? 0) + 1);
  }
  const byAddress = new Map(hosts.map((host) => [host["host-address"], host]));
  const keyed = [...listening].map(([address, count]) => ({address, count, key: addressKey(address)}));
  keyed.sort((a, b) => b.count - a.count || compare(a.key, b.key));
  const drawn = keyed.slice(0, kMaxHosts).map(({address, count}) => {
    const host = byAddress.get(address);
    return {address, host, silent: host !== undefined && isSilent(host), listensTo: count};
  });
  return {drawn, all: listening.size};
}

/** Sorts by the mean place of the neighbours, so that lines cross less; those without any go last. */
function byNeighbours<T>(items: T[], neighbours: (item: T) => number[], key: (item: T) => string): T[] {
  const keyed = items.map((item) => {
    const places = neighbours(item);
    const mean = places.length === 0 ? Infinity : places.reduce((sum, place) => sum + place, 0) / places.length;
    return {item, mean, key: key(item)};
  });
  keyed.sort((a, b) => compare(a.mean, b.mean) || compare(a.key, b.key));
  return keyed.map(({item}) => item);
}

const kRounds = 4;

/** Who is drawn, in an order with few crossings. The same state gives the same picture. `range`: only its groups. */
export function select(view: View, range?: string): Selection {
  const shown = range === undefined ? view.groups : groupsIn(range, view.groups);
  const keyed = partsOf(shown, kMaxParts);
  const {drawn, all} = keenest(range === undefined ? view.hosts : [], keyed);
  const known = new Set(drawn.map((host) => host.address));
  const membersByPart = new Map(keyed.map((part) => [part, part.members.filter((member) => known.has(member))]));
  const partsByHost = new Map<string, Part[]>(drawn.map((host) => [host.address, []]));
  for (const [part, members] of membersByPart) {
    for (const member of members) partsByHost.get(member)?.push(part);
  }

  let hosts = byNeighbours(
    drawn,
    () => [],
    (host) => addressKey(host.address),
  );
  let parts = byNeighbours(keyed, () => [], partKey);
  for (let round = 0; round < kRounds; ++round) {
    const partPlace = new Map(parts.map((part, place) => [part, place / parts.length]));
    hosts = byNeighbours(
      hosts,
      (host) => (partsByHost.get(host.address) ?? []).map((part) => partPlace.get(part) ?? 0),
      (host) => addressKey(host.address),
    );
    const hostPlace = new Map(hosts.map((host, place) => [host.address, place / hosts.length]));
    parts = byNeighbours(
      parts,
      (part) => (membersByPart.get(part) ?? []).map((member) => hostPlace.get(member) ?? 0),
      partKey,
    );
  }

  const hostIndex = new Map(hosts.map((host, index) => [host.address, index]));
  const edges: [number, number][] = [];
  parts.forEach((part, index) => {
    for (const member of membersByPart.get(part) ?? []) edges.push([hostIndex.get(member) ?? 0, index]);
  });
  return {
    hosts,
    parts,
    edges,
    hostsNotDrawn: all - hosts.length,
    groupsNotDrawn: Math.max(0, view.interface["groups-count"] - view.groups.length),
  };
}

export interface Places {
  width: number;
  height: number;
  narrow: boolean;
  /** The cable that queriers and hosts are attached to. */
  cable: {x: number; top: number; bottom: number};
  queriers: number[];
  hosts: number[];
  groups: number[];
  nodeX: number;
  hostLabelX: number;
  /** Where lines leave a host, and where they arrive at a group. */
  lineFrom: number;
  lineTo: number;
  groupLabelX: number;
  hostCharacters: number;
  groupCharacters: number;
}

const kCharacter = 7.3; // the width of a character of a label, rounded up
const kQuerierRow = 56;
const kMinLines = 60; // what is left for the lines between labels, with the nodes at their ends

function rowHeight(rows: number, narrow: boolean): number {
  if (narrow) return 34;
  return rows <= 16 ? 28 : rows <= 32 ? 23 : 19;
}

/** Evenly spread over a stretch, each in the middle of its part. */
function spread(count: number, top: number, height: number): number[] {
  return Array.from({length: count}, (_, index) => top + (height * (index + 0.5)) / count);
}

/** How much is to be placed: rows, and the characters of the longest label. */
export interface Amounts {
  queriers: number;
  hosts: number;
  groups: number;
  hostLabel: number;
  groupLabel: number;
}

/** Where everything goes. Nothing leaves the width, however narrow; the height follows from the number of rows. */
export function place({queriers, hosts, groups, hostLabel, groupLabel}: Amounts, width: number): Places {
  const narrow = width < 560;
  const row = rowHeight(Math.max(hosts, groups), narrow);
  const top = 8;
  const hostsTop = top + queriers * kQuerierRow + 4;
  const hostsHeight = Math.max(hosts * row, row);
  const groupsHeight = groups * row;
  const height = Math.max(hostsTop + hostsHeight, top + groupsHeight) + 10;
  // Groups stand beside the hosts while there is room, and beside the queriers as well when they are more.
  const groupsTop =
    groupsHeight <= hostsHeight
      ? hostsTop + (hostsHeight - Math.max(groupsHeight, hostsHeight * 0.8)) / 2
      : Math.max(top, height - 10 - groupsHeight);
  const groupsSpread = groupsHeight <= hostsHeight ? Math.max(groupsHeight, hostsHeight * 0.8) : groupsHeight;

  const nodeX = 36;
  const hostLabelX = nodeX + 13;
  const room = (characters: number, most: number) => Math.min(characters * kCharacter, most);
  const half = (width - hostLabelX - kMinLines) / 2;
  const hostRoom = room(hostLabel, narrow ? half : width * 0.29);
  const groupRoom = room(groupLabel, narrow ? half : width * 0.35);
  const lineTo = width - groupRoom - 14;
  return {
    width,
    height,
    narrow,
    cable: {
      x: 10,
      top: top + kQuerierRow / 2,
      bottom: hosts === 0 ? hostsTop + row / 2 : hostsTop + hosts * row - row / 2,
    },
    queriers: Array.from({length: queriers}, (_, index) => top + kQuerierRow * (index + 0.5)),
    hosts: spread(hosts, hostsTop, hosts * row),
    groups: spread(groups, groupsTop, groupsSpread),
    nodeX,
    hostLabelX,
    lineFrom: hostLabelX + hostRoom + 6,
    lineTo,
    groupLabelX: lineTo + 14,
    hostCharacters: Math.max(6, Math.floor(hostRoom / kCharacter)),
    groupCharacters: Math.max(6, Math.floor(groupRoom / kCharacter)),
  };
}

/** The line between a host and a group, as path data. */
export function line(places: Places, host: number, group: number): string {
  const [from, to] = [places.hosts[host] ?? 0, places.groups[group] ?? 0];
  const middle = Math.round((places.lineFrom + places.lineTo) / 2);
  const at = (value: number) => Math.round(value * 10) / 10;
  return `M${at(places.lineFrom)} ${at(from)}C${middle} ${at(from)} ${middle} ${at(to)} ${at(places.lineTo)} ${at(to)}`;
}
