// All that is known of what is selected.

import {type Child, element, setText} from "./dom.js";
import {addressKey, compare, counted, duration, interval, label, number} from "./format.js";
import {collision, type ShownHost, type View} from "./model.js";
import {type Chosen, chosenKey} from "./nodes.js";
import {membersOf} from "./ranges.js";
import {silence} from "./tables.js";
import type {Group} from "./types.js";

type Line = [term: string, value: string];
/** A list of addresses, which can be selected in turn when `kind` says what they are. */
interface Listed {
  title: string;
  kind: "host" | "group" | "";
  entries: {address: string; about: string}[];
  more: number;
}

interface Detail {
  title: string;
  subtitle: string;
  lines: Line[];
  listed: Listed[];
}

const kMaxListed = 64;

function listOf(title: string, kind: Listed["kind"], entries: Listed["entries"], total: number): Listed {
  const sorted = [...entries]
    .sort((a, b) => compare(addressKey(a.address), addressKey(b.address)))
    .slice(0, kMaxListed);
  return {
    title: `${title} (${number(Math.max(total, entries.length))})`,
    kind,
    entries: sorted,
    more: Math.max(total, entries.length) - sorted.length,
  };
}

function ofGroup(group: Group, view: View, elapsed: number): Detail {
  const names = new Map(view.hosts.map((host) => [host["host-address"], label(host.name || host.vendor)]));
  const members = membersOf(group).map((address) => ({address, about: names.get(address) ?? ""}));
  const sources = group.source.map((source) => ({
    address: source["source-address"],
    about: source.forwarded
      ? source.expire === null
        ? "wanted"
        : `requested, ${duration(source.expire - elapsed)} left`
      : "not requested",
  }));
  const other = collision(group["group-address"]);
  const all = group["filter-mode"] === "exclude" ? "from all sources" : "from the sources below only";
  return {
    title: label(group["group-address"]),
    subtitle: label(group.name),
    lines: [
      [
        "Wanted",
        group["filter-mode"] === "exclude" && sources.length > 0 ? "from all sources but those not requested" : all,
      ],
      ["Mode", `${label(group["filter-mode"])}, ${view.interface.protocol}v${group.version}`],
      ["Known for", duration(group["up-time"] + elapsed)],
      ["Expires in", duration(group.expire - elapsed)],
      ["Last reporter", label(group["last-reporter"] ?? "not known")],
      ...(other === undefined
        ? []
        : [["Ethernet", `that of ${label(other)}, which switches flood or treat as control traffic: use another group`] as Line]),
    ],
    listed: [
      ...(members.length > 0 ? [listOf("Members", "host", members, group["hosts-count"])] : []),
      ...(sources.length > 0 ? [listOf("Sources", "", sources, group["sources-count"])] : []),
    ],
  };
}

function ofHost(address: string, host: ShownHost | undefined, view: View, elapsed: number): Detail {
  const groups = view.groups
    .filter((group) => membersOf(group).includes(address))
    .map((group) => ({address: group["group-address"], about: label(group.name)}));
  const lines: Line[] = [];
  if (host) {
    const missed = host["missed-queries"];
    lines.push(
      ["MAC address", label(host["mac-address"])],
      ["Version", `${view.interface.protocol}v${host.version}`],
      ["Known for", duration(host["up-time"] + elapsed)],
      ["Last report", `${duration(host["last-report"] + elapsed)} ago`],
      ["Queries", `${number(host["answered-queries"])} answered; ${number(missed)} missed since its last report`],
    );
    const silent = silence(host);
    if (silent !== "") {
      lines.push([
        "Silent",
        silent === "silent" ? "its reports get lost, or it is gone" : "another host may have answered for it",
      ]);
    }
  }
  const here = address === view.interface.address ? "this host" : "";
  return {
    title: label(address),
    subtitle: [label(host?.name ?? ""), here, label(host?.vendor ?? "")].filter((part) => part !== "").join(", "),
    lines,
    listed: groups.length > 0 ? [listOf("Listens to", "group", groups, groups.length)] : [],
  };
}

function ofQuerier(chosen: string, {interface: one}: View, elapsed: number): Detail {
  const kind = chosen.slice(0, chosen.indexOf(" "));
  const address = chosen.slice(kind.length + 1);
  const {"other-querier": other, rival} = one;
  if (kind === "rival" && rival) {
    return {
      title: label(rival.address),
      subtitle: "rival",
      listed: [],
      lines: [
        ["MAC address", label(rival["mac-address"])],
        ["Version", `${one.protocol}v${rival.version}`],
        ["Queries", number(rival.queries)],
        ["Last query", `${duration(rival["last-query"] + elapsed)} ago`],
      ],
    };
  }
  if (kind === "elected" && other) {
    const told = other["query-interval"],
      measured = other["measured-query-interval"];
    return {
      title: label(other.address),
      subtitle: "the querier",
      listed: [],
      lines: [
        ["MAC address", label(other["mac-address"])],
        ["Version", `${one.protocol}v${other.version}`],
        ["Advertised interval", told === null ? "none" : `every ${interval(told)}`],
        ["Measured interval", measured === null ? "one query so far" : `every ${interval(measured)}`],
        ["Last query", `${duration(other["last-query"] + elapsed)} ago`],
      ],
    };
  }
  return {
    title: label(address),
    subtitle: "this host",
    listed: [],
    lines: [
      ["MAC address", label(one["mac-address"] ?? "none")],
      ["Link", label(one["oper-status"])],
      ["Elections lost", number(one.statistics["elections-lost"])],
      ["Role changes", number(one.statistics["role-changes"])],
    ],
  };
}

function detailOf(chosen: Chosen, view: View, elapsed: number): Detail | undefined {
  if (!chosen) return undefined;
  if (chosen.kind === "querier") return ofQuerier(chosen.address, view, elapsed);
  if (chosen.kind === "host") {
    return ofHost(
      chosen.address,
      view.hosts.find((host) => host["host-address"] === chosen.address),
      view,
      elapsed,
    );
  }
  const group = view.groups.find((one) => one["group-address"] === chosen.address);
  return group && ofGroup(group, view, elapsed);
}

export class Details {
  private shape = "";
  private values: HTMLElement[] = [];

  constructor(
    private readonly area: HTMLElement,
    private readonly choose: (chosen: Chosen) => void,
  ) {}

  show(chosen: Chosen, view: View, elapsed: number): void {
    const detail = detailOf(chosen, view, elapsed);
    // Built anew only when it is about something else or has other entries: then values change where they stand.
    const shape = JSON.stringify([
      chosenKey(chosen),
      detail?.subtitle,
      detail?.lines.map(([term]) => term),
      detail?.listed.map(({title, entries}) => [title, entries.map(({address}) => address)]),
    ]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.build(chosen, detail);
    }
    const texts = detail
      ? [
          ...detail.lines.map(([, value]) => value),
          ...detail.listed.flatMap(({entries}) => entries.map(({about}) => about)),
        ]
      : [];
    this.values.forEach((node, index) => setText(node, texts[index] ?? ""));
  }

  private build(chosen: Chosen, detail: Detail | undefined): void {
    this.values = [];
    if (!detail) {
      const words = chosen
        ? `${label(chosen.address)} has left.`
        : "Select a host or a group to see its lines and its details.";
      this.area.replaceChildren(element("p", {class: "note"}, words));
      return;
    }
    const close = element("button", {"type": "button", "class": "close", "aria-label": "Close the details"}, "×");
    close.addEventListener("click", () => this.choose(undefined));
    const value = (tag: "dd" | "small") => {
      const node = element(tag);
      this.values.push(node);
      return node;
    };
    const children: Child[] = [
      close,
      element("h3", {class: "address"}, detail.title),
      element("p", {class: "quiet"}, detail.subtitle),
      element("dl", {}, ...detail.lines.flatMap(([term]) => [element("dt", {}, term), value("dd")])),
    ];
    for (const listed of detail.listed) {
      children.push(
        element("h4", {}, listed.title),
        element(
          "ul",
          {},
          ...listed.entries.map((entry) =>
            element("li", {}, this.entry(entry.address, listed.kind), " ", value("small")),
          ),
        ),
      );
      if (listed.more > 0) children.push(element("p", {class: "note"}, `and ${counted(listed.more, "more", "more")}`));
    }
    this.area.replaceChildren(...children);
  }

  private entry(address: string, kind: Listed["kind"]): HTMLElement {
    if (kind === "") return element("span", {class: "address"}, label(address));
    const button = element("button", {type: "button", class: "address"}, label(address));
    button.addEventListener("click", () => this.choose({kind, address}));
    return button;
  }
}
