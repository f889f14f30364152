// Groups drawn as one: there are more of them than a drawing has room for. No document here.

import {addressKey} from "./format.js";
import {groupKey} from "./model.js";
import type {Group} from "./types.js";

/** A group, or a range of addresses with several groups. */
export interface Part {
  /** The address of the group, or the range: "239.1.0.0/16". */
  label: string;
  isRange: boolean;
  groups: Group[];
  /** What the groups are used for, if that is the same for all. */
  name: string;
  members: string[];
  /** How many members there are, listed or not. */
  count: number;
}

/** Known members of a group; where hosts are not tracked, its last reporter at least. */
export function membersOf(group: Group): string[] {
  if (group.host.length > 0) return group.host.map((member) => member["host-address"]);
  return group["last-reporter"] === null ? [] : [group["last-reporter"]];
}

const kNoAddress = "other addresses";

/** An address as hexadecimal digits: 8 or 32. Undefined for what is none. */
function digitsOf(address: string): string | undefined {
  const digits = address.includes(":")
    ? addressKey(address).replaceAll(":", "")
    : address
        .split(".")
        .map((byte) => Number(byte).toString(16).padStart(2, "0"))
        .join("");
  return /^([0-9a-f]{8}|[0-9a-f]{32})$/.test(digits) ? digits : undefined;
}

/** The range of all addresses that begin with these digits, of `all`. */
function rangeOf(digits: string, all: number): string {
  const bits = `/${4 * digits.length}`;
  if (all === 8) {
    const bytes = digits.padEnd(8, "0").match(/../g) ?? [];
    return bytes.map((byte) => Number.parseInt(byte, 16)).join(".") + bits;
  }
  const words = (digits.padEnd(32, "0").match(/.{4}/g) ?? []).map((word) => word.replace(/^0{1,3}/, ""));
  while (words.at(-1) === "0") words.pop();
  const end = words.length < 8 ? "::" : "";
  return (end === "" ? words.join(":").replace(/(:0){2,}:/, "::") : words.join(":")) + end + bits;
}

function labelOf(address: string, length: number): string {
  const digits = digitsOf(address);
  return digits === undefined ? kNoAddress : rangeOf(digits.slice(0, length), digits.length);
}

function partOf(label: string, isRange: boolean, groups: Group[]): Part {
  const names = new Set(groups.map((group) => group.name));
  const members = [...new Set(groups.flatMap(membersOf))];
  const most = groups.reduce((count, group) => Math.max(count, group["hosts-count"]), 0);
  return {
    label,
    isRange,
    groups,
    members,
    name: names.size === 1 ? (groups[0]?.name ?? "") : "",
    count: isRange ? Math.max(most, members.length) : most,
  };
}

/** Groups as `most` parts or fewer: each by itself, else in ranges that are as small as that allows. */
export function partsOf(groups: readonly Group[], most: number): Part[] {
  if (groups.length <= most) return groups.map((group) => partOf(group["group-address"], false, [group]));
  for (let length = 32; ; --length) {
    const parts = new Map<string, Group[]>();
    for (const group of groups) {
      const label = labelOf(group["group-address"], length);
      const part = parts.get(label);
      if (part) part.push(group);
      else parts.set(label, [group]);
      if (parts.size > most) break;
    }
    if (parts.size > most && length > 0) continue;
    return [...parts].map(([label, members]) =>
      members.length === 1 ? partOf(members[0]?.["group-address"] ?? "", false, members) : partOf(label, true, members),
    );
  }
}

/** Those of a range that partsOf() has made. */
export function groupsIn(range: string, groups: readonly Group[]): Group[] {
  const length = Number(range.split("/")[1] ?? "0") / 4;
  return groups.filter((group) => labelOf(group["group-address"], length) === range);
}

export const partKey = (part: Part): string => (part.groups[0] ? groupKey(part.groups[0]) : part.label);
