// What the tables of groups and hosts say.

import {duration, label, number} from "./format.js";
import {collision, groupKey, hostKey, isMissing, isSilent, type ShownHost} from "./model.js";
import type {Rows} from "./table.js";
import type {Group} from "./types.js";

const present = (...parts: string[]): string => parts.filter((part) => part !== "").join(", ");

/** The mark of a group that has the Ethernet address of one of 224.0.0.x. */
export function collisionWords(group: Group): string {
  const other = collision(group["group-address"]);
  return other === undefined ? "" : `! Ethernet address of ${label(other)}`;
}

export function groupRows(select: (group: Group) => void, filtered: (words: string) => void): Rows<Group> {
  return {
    filtered,
    name: "groups",
    none: "No group has a member.",
    key: (group) => group["group-address"],
    tie: groupKey,
    searched: (group) =>
      `${group["group-address"]} ${group.name} ${group["filter-mode"]} ${group["last-reporter"] ?? ""} ${group.host
        .map((member) => member["host-address"])
        .join(" ")}`,
    marked: (group) => collision(group["group-address"]) !== undefined,
    select,
    columns: [
      {
        name: "Group",
        value: groupKey,
        text: (group) => label(group["group-address"]),
        more: (group) => present(label(group.name), collisionWords(group)),
      },
      {
        name: "Members",
        short: "members",
        numeric: true,
        value: (group) => group["hosts-count"],
        text: (group) => number(group["hosts-count"]),
      },
      {
        name: "Sources",
        short: "sources",
        numeric: true,
        value: (group) => group["sources-count"],
        text: (group) => number(group["sources-count"]),
      },
      {name: "Mode", short: "", value: (group) => group["filter-mode"], text: (group) => label(group["filter-mode"])},
      {
        name: "Version",
        short: "",
        numeric: true,
        value: (group) => group.version,
        text: (group) => `v${group.version}`,
      },
      {
        name: "Expires in",
        short: "expires",
        numeric: true,
        value: (group) => group.expire,
        text: (group, elapsed) => duration(group.expire - elapsed),
      },
    ],
  };
}

/** What a host has to say for itself, if it is silent. */
export function silence(host: ShownHost): string {
  if (!isMissing(host) && !isSilent(host)) return "";
  return !isMissing(host) && host.othersAnswer ? "silent; others report its groups" : "silent";
}

export function hostRows(select: (host: ShownHost) => void): Rows<ShownHost> {
  return {
    name: "hosts",
    none: "No host has reported within the last hour.",
    key: (host) => host["host-address"],
    tie: hostKey,
    searched: (host) => `${host["host-address"]} ${host.name} ${host["mac-address"]} ${host.vendor} ${silence(host)}`,
    marked: isMissing,
    select,
    columns: [
      {name: "Host", value: hostKey, text: (host) => label(host["host-address"]), more: (host) => present(label(host.name), silence(host))},
      {
        name: "Vendor",
        short: "vendor",
        value: (host) => host.vendor.toLowerCase() || "\uffff",
        text: (host) => label(host.vendor) || "–",
        more: (host) => label(host["mac-address"]),
      },
      {name: "Version", short: "", numeric: true, value: (host) => host.version, text: (host) => `v${host.version}`},
      {
        name: "Last report",
        short: "last report",
        numeric: true,
        value: (host) => host["last-report"],
        text: (host, elapsed) => duration(host["last-report"] + elapsed),
      },
      {
        name: "Answered",
        short: "answered",
        numeric: true,
        value: (host) => host["answered-queries"],
        text: (host) => number(host["answered-queries"]),
      },
      {
        name: "Missed",
        short: "missed",
        numeric: true,
        value: (host) => host["missed-queries"],
        text: (host) => number(host["missed-queries"]),
      },
    ],
  };
}
