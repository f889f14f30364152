// The drawing of a LAN as numbers: who is drawn, in which order and where. No document here.

import {addressKey, compare} from "./format.js";
import {groupKey, isSilent, type ShownHost, type View} from "./model.js";
import type {Group} from "./types.js";

export const kMaxGroups = 40;
export const kMaxHosts = 60;

/** A host of the drawing; one that only a group knows, because the list of hosts does not reach so far, has no `host`. */
export interface DrawnHost {
  address: string;
  host: ShownHost | undefined;
  silent: boolean;
}

export interface Selection {
  hosts: DrawnHost[];
  groups: Group[];
  /** Who listens to what, by index. */
  edges: [host: number, group: number][];
  hostsNotDrawn: number;
  groupsNotDrawn: number;
}

/** Known members of a group; where hosts are not tracked, its last reporter at least. */
export function membersOf(group: Group): string[] {
  if (group.host.length > 0) return group.host.map((member) => member["host-address"]);
  return group["last-reporter"] === null ? [] : [group["last-reporter"]];
}

function mostListenedTo(groups: readonly Group[]): Group[] {
  const keyed = groups.map((group) => ({group, key: groupKey(group)}));
  keyed.sort((a, b) => b.group["hosts-count"] - a.group["hosts-count"] || compare(a.key, b.key));
  return keyed.slice(0, kMaxGroups).map(({group}) => group);
}

/** Hosts that listen to most of these groups. */
function keenest(hosts: readonly ShownHost[], groups: readonly Group[]): {drawn: DrawnHost[]; all: number} {
  const listening = new Map<string, number>();
  for (const host of hosts) listening.set(host["host-address"], 0);
  for (const group of groups) {
    for (const member of membersOf(group)) listening.set(member, (listening.get(member) ?? 0) + 1);
  }
  const byAddress = new Map(hosts.map((host) => [host["host-address"], host]));
  const keyed = [...listening].map(([address, count]) => ({address, count, key: addressKey(address)}));
  keyed.sort((a, b) => b.count - a.count || compare(a.key, b.key));
  const drawn = keyed.slice(0, kMaxHosts).map(({address}) => {
    const host = byAddress.get(address);
    return {address, host, silent: host !== undefined && isSilent(host)};
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

/** Who is drawn, in an order with few crossings. The same state gives the same picture. */
export function select(view: View): Selection {
  const listened = mostListenedTo(view.groups);
  const {drawn, all} = keenest(view.hosts, listened);
  const known = new Set(drawn.map((host) => host.address));
  const membersByGroup = new Map(
    listened.map((group) => [group, membersOf(group).filter((member) => known.has(member))]),
  );
  const groupsByHost = new Map<string, Group[]>(drawn.map((host) => [host.address, []]));
  for (const [group, members] of membersByGroup) {
    for (const member of members) groupsByHost.get(member)?.push(group);
  }

  let hosts = byNeighbours(
    drawn,
    () => [],
    (host) => addressKey(host.address),
  );
  let groups = byNeighbours(listened, () => [], groupKey);
  for (let round = 0; round < kRounds; ++round) {
    const groupPlace = new Map(groups.map((group, place) => [group, place / groups.length]));
    hosts = byNeighbours(
      hosts,
      (host) => (groupsByHost.get(host.address) ?? []).map((group) => groupPlace.get(group) ?? 0),
      (host) => addressKey(host.address),
    );
    const hostPlace = new Map(hosts.map((host, place) => [host.address, place / hosts.length]));
    groups = byNeighbours(
      groups,
      (group) => (membersByGroup.get(group) ?? []).map((member) => hostPlace.get(member) ?? 0),
      groupKey,
    );
  }

  const hostIndex = new Map(hosts.map((host, index) => [host.address, index]));
  const edges: [number, number][] = [];
  groups.forEach((group, index) => {
    for (const member of new Set(membersByGroup.get(group))) edges.push([hostIndex.get(member) ?? 0, index]);
  });
  const groupsInAll = Math.max(view.interface["groups-count"], view.groups.length);
  return {
    hosts,
    groups,
    edges,
    hostsNotDrawn: all - hosts.length,
    groupsNotDrawn: Math.max(0, groupsInAll - groups.length),
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
