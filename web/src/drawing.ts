// The drawing of the LAN: queriers and hosts on their cable, groups, and lines for who listens to what.

import {drawn, Keyed, set, setAll, setClass, setHidden, setText} from "./dom.js";
import {counted, number, printable, shortened} from "./format.js";
import {type Amounts, type DrawnHost, line, place, type Places, select, type Selection} from "./layout.js";
import type {View} from "./model.js";
import type {Group} from "./types.js";

/** What is selected, on the page and in the drawing. */
export type Chosen = {kind: "host" | "group" | "querier"; address: string} | undefined;

export function chosenKey(chosen: Chosen): string {
  return chosen ? `${chosen.kind} ${chosen.address}` : "";
}

interface QuerierNode {
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
    nodes.push({address: one["other-querier"].address, title: "querier", about: "asks everybody", kind: "elected"});
  }
  if (one.role === "querier") {
    nodes.push({address: us ?? "this host", title: "querier", about: "this host asks everybody", kind: "elected"});
  } else {
    nodes.push({address: us ?? "no address", title: "this host", kind: "standby",
                about: one.role === "waiting" ? `waits for ${one.reason}` : "stands by"});
  }
  if (one.rival) nodes.push({address: one.rival.address, title: "rival", about: "asks as well", kind: "rival"});
  return nodes;
}

interface Item {
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

function amountsOf({hosts, groups}: Selection, queriers: number): Amounts {
  const longest = (lengths: number[]) => lengths.reduce((most, length) => Math.max(most, length), 0);
  return {
    queriers, hosts: hosts.length, groups: groups.length,
    hostLabel: longest(hosts.map((host) => host.address.length)),
    groupLabel: longest(groups.map((group) => group["group-address"].length + (group.name === "" ? 0 : group.name.length + 3))),
  };
}

const kRing = 2 * Math.PI * 15;

export class Drawing {
  private readonly svg = drawn("svg", {role: "group", "aria-labelledby": "lan-title"});
  private readonly cable = drawn("path", {class: "cable"});
  private readonly lines = drawn("g", {class: "lines", "aria-hidden": "true"});
  private readonly lit = drawn("path", {class: "lit", "aria-hidden": "true"});
  private readonly fresh = drawn("path", {class: "fresh", "aria-hidden": "true"});
  private readonly nodes = drawn("g");
  private readonly ring = drawn("circle", {class: "ring", r: 15, "aria-hidden": "true", "stroke-dasharray": kRing.toFixed(1)});
  private readonly nodeList: Keyed<Item, SVGGElement>;
  private readonly lineList: Keyed<{key: string; path: string; silent: boolean}, SVGPathElement>;
  private view: View | undefined;
  private selection: Selection | undefined;
  private places: Places | undefined;
  private items: Item[] = [];
  private chosen: Chosen;
  private pointed: Chosen;
  private known = new Set<string>();
  private knownView = "";

  constructor(private readonly area: HTMLElement, private readonly note: HTMLElement,
              private readonly choose: (chosen: Chosen) => void) {
    this.svg.append(this.cable, this.lines, this.lit, this.fresh, this.ring, this.nodes);
    area.append(this.svg);
    this.nodeList = new Keyed(this.nodes, (item) => this.node(item), (node, item) => this.update(node, item));
    this.lineList = new Keyed(this.lines, () => drawn("path"), (node, {path, silent}) => {
      set(node, "d", path);
      setClass(node, "silent", silent);
    });
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.fresh.addEventListener("animationend", () => set(this.fresh, "d", ""));
    new ResizeObserver(() => {
      if (this.view && Math.abs(area.clientWidth - (this.places?.width ?? 0)) >= 1) this.show(this.view);
    }).observe(area);
  }

  show(view: View): void {
    this.view = view;
    const queriers = queriersOf(view);
    const selection = this.selection = select(view);
    const width = Math.max(240, this.area.clientWidth);
    const places = this.places = place(amountsOf(selection, queriers.length), width);
    setAll(this.svg, {viewBox: `0 0 ${places.width} ${places.height}`, height: places.height});
    setClass(this.svg, "narrow", places.narrow);
    this.items = [
      ...queriers.map((querier, index) => this.querierItem(querier, index, places)),
      ...selection.hosts.map((host, index) => this.hostItem(host, index, selection, places)),
      ...selection.groups.map((group, index) => this.groupItem(group, index, places)),
    ];
    this.drawCable(places);
    this.drawLines(selection, places);
    this.nodeList.show(this.items, (item) => item.key);
    setAll(this.ring, {cx: places.nodeX, cy: places.queriers[0] ?? 0});
    this.keepOneTabStop();
    this.light();
    this.say(selection, view);
  }

  /** How much of the time until our next query is left; null when the next one is not ours. */
  countDown(left: number | null): void {
    setHidden(this.ring, left === null);
    if (left !== null) this.ring.style.setProperty("stroke-dashoffset", (kRing * (1 - left)).toFixed(1));
  }

  select(chosen: Chosen): void {
    this.chosen = chosen;
    this.light();
    this.keepOneTabStop();
  }

  private querierItem(querier: QuerierNode, index: number, places: Places): Item {
    const key = chosenKey({kind: "querier", address: `${querier.kind} ${querier.address}`});
    const length = places.narrow ? places.hostCharacters + 12 : 40;
    return {
      key, chosen: {kind: "querier", address: `${querier.kind} ${querier.address}`}, label: shortened(querier.address, length),
      about: querier.about, says: `${querier.title} ${printable(querier.address)}, ${querier.about}`,
      x: places.nodeX, y: places.queriers[index] ?? 0, radius: 9, kind: `querier ${querier.kind}`,
    };
  }

  private hostItem(host: DrawnHost, index: number, selection: Selection, places: Places): Item {
    const groups = selection.edges.filter(([from]) => from === index).length;
    const here = host.address === this.view?.interface.address ? ", this host" : "";
    return {
      key: `host ${host.address}`, chosen: {kind: "host", address: host.address},
      label: shortened(host.address, places.hostCharacters), about: "",
      says: `host ${printable(host.address)}${here}, listens to ${counted(groups, "group")}${host.silent ? ", silent" : ""}`,
      x: places.nodeX, y: places.hosts[index] ?? 0, radius: 4, kind: host.silent ? "host silent" : "host",
    };
  }

  private groupItem(group: Group, index: number, places: Places): Item {
    const name = printable(group.name);
    const count = group["hosts-count"];
    const label = shortened(group["group-address"], places.groupCharacters);
    const room = places.narrow ? places.groupCharacters : places.groupCharacters - label.length - 3;
    return {
      key: `group ${group["group-address"]}`, chosen: {kind: "group", address: group["group-address"]},
      label, about: room >= 3 || places.narrow ? shortened(name, Math.max(room, 6)) : "",
      says: `group ${printable(group["group-address"])}${name === "" ? "" : `, ${name}`}, ${counted(count, "member")}`,
      x: places.lineTo, y: places.groups[index] ?? 0, radius: Math.min(9, 3.5 + Math.sqrt(count)), kind: "group",
    };
  }

  private drawCable({cable, queriers, hosts, nodeX}: Places): void {
    const stubs = [...queriers, ...hosts].map((y) => `M${cable.x} ${y.toFixed(1)}H${nodeX}`).join("");
    set(this.cable, "d", `M${cable.x} ${cable.top}V${cable.bottom.toFixed(1)}${stubs}`);
  }

  /** One path a host: sixty at most, however many groups they listen to. */
  private drawLines(selection: Selection, places: Places): void {
    const paths = selection.hosts.map(() => "");
    const present = new Set<string>();
    let added = "";
    const sameView = this.knownView === this.view?.key;
    for (const [host, group] of selection.edges) {
      const path = line(places, host, group);
      paths[host] += path;
      const key = `${selection.hosts[host]?.address} ${selection.groups[group]?.["group-address"]}`;
      present.add(key);
      if (sameView && !this.known.has(key)) added += path;
    }
    this.lineList.show(selection.hosts.map((host, index) => ({key: host.address, path: paths[index] ?? "", silent: host.silent})),
                       (one) => one.key);
    // Lines that were not there a moment ago shine up. When many are new at once, nothing special has happened.
    if (added !== "" && added.length < 2000) {
      set(this.fresh, "d", added);
      this.fresh.getAnimations().forEach((animation) => { animation.currentTime = 0; });
    }
    this.known = present;
    this.knownView = this.view?.key ?? "";
  }

  private node(item: Item): SVGGElement {
    const node = drawn("g", {role: "button", tabindex: -1}, drawn("title"), drawn("rect", {class: "reach", rx: 4}),
                       drawn("circle"), drawn("text", {class: "label"}), drawn("text", {class: "about"}));
    node.addEventListener("click", () => this.toggle(item.chosen));
    node.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse") this.point(item.chosen);
    });
    node.addEventListener("pointerleave", () => this.point(undefined));
    return node;
  }

  private update(node: SVGGElement, item: Item): void {
    const {places} = this;
    const [title, reach, circle, label, about] = [...node.children];
    if (!places || !title || !reach || !circle || !label || !about) return;
    const group = item.chosen.kind === "group";
    const querier = item.chosen.kind === "querier";
    const twoLines = querier || (places.narrow && group && item.about !== "");
    const x = group ? places.groupLabelX - places.lineTo : querier ? 24 : places.hostLabelX - places.nodeX;
    set(node, "class", `node ${item.kind}`);
    set(node, "aria-label", item.says);
    set(node, "transform", `translate(${item.x} ${item.y.toFixed(1)})`);
    setText(title, item.says);
    set(circle, "r", item.radius.toFixed(1));
    setText(label, item.label);
    setText(about, item.about);
    const beside = x + (item.label.length + 1.5) * 7.25;
    setAll(label, {x, y: twoLines ? -4 : 4});
    setAll(about, twoLines ? {x, y: 12} : {x: beside, y: 4});
    const height = twoLines ? 34 : Math.max(14, Math.min(26, this.rowOf(item)));
    const width = group ? places.width - places.lineTo + 12 : (querier ? Math.min(260, places.width - 40) : places.lineFrom - places.nodeX + 12);
    setAll(reach, {x: -12, y: -height / 2, width, height});
  }

  /** How far the next of the same kind is away. */
  private rowOf(item: Item): number {
    const all = item.chosen.kind === "group" ? this.places?.groups : this.places?.hosts;
    return all && all.length > 1 ? (all[1] ?? 0) - (all[0] ?? 0) : 26;
  }

  private toggle(chosen: NonNullable<Chosen>): void {
    this.choose(chosenKey(chosen) === chosenKey(this.chosen) ? undefined : chosen);
  }

  private point(chosen: Chosen): void {
    this.pointed = chosen;
    this.light();
  }

  /** Highlights the lines of what is pointed at, else of what is selected. */
  private light(): void {
    const {selection, places} = this;
    if (!selection || !places) return;
    const shown = this.pointed ?? this.chosen;
    const related = new Set<string>(shown ? [chosenKey(shown)] : []);
    let path = "";
    for (const [host, group] of selection.edges) {
      const hostKey = `host ${selection.hosts[host]?.address}`;
      const groupKey = `group ${selection.groups[group]?.["group-address"]}`;
      if (hostKey !== chosenKey(shown) && groupKey !== chosenKey(shown)) continue;
      path += line(places, host, group);
      related.add(hostKey).add(groupKey);
    }
    set(this.lit, "d", path);
    setClass(this.svg, "dimmed", shown !== undefined && shown.kind !== "querier");
    for (const [key, node] of this.nodeList.all()) {
      setClass(node, "related", related.has(key));
      set(node, "aria-pressed", key === chosenKey(this.chosen) ? "true" : "false");
    }
  }

  /** The drawing is one stop of the tab key; arrows go from one to the next. */
  private keepOneTabStop(): void {
    const keys = this.items.map((item) => item.key);
    const focused = [...this.nodeList.all()].find(([, node]) => node === document.activeElement)?.[0];
    const stop = focused ?? (keys.includes(chosenKey(this.chosen)) ? chosenKey(this.chosen) : keys[0]);
    for (const [key, node] of this.nodeList.all()) set(node, "tabindex", key === stop ? 0 : -1);
  }

  private key(event: KeyboardEvent): void {
    const at = this.items.findIndex((item) => this.nodeList.node(item.key) === event.target);
    const item = this.items[at];
    if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
    const to = this.neighbour(at, event.key);
    if (to !== undefined) {
      this.nodeList.node(this.items[to]?.key ?? "")?.focus();
      this.keepOneTabStop();
    } else if (event.key === "Enter" || event.key === " ") {
      this.toggle(item.chosen);
    } else if (event.key === "Escape") {
      this.choose(undefined);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Up and down follow a column, left and right go to the nearest of the other one. */
  private neighbour(at: number, key: string): number | undefined {
    const item = this.items[at];
    const firstGroup = this.items.findIndex((one) => one.chosen.kind === "group");
    const columnEnd = firstGroup < 0 ? this.items.length : firstGroup;
    const [first, last] = item && item.chosen.kind === "group" ? [columnEnd, this.items.length - 1] : [0, columnEnd - 1];
    const across = (from: number, end: number) => {
      let best: number | undefined;
      for (let index = from; index < end; ++index) {
        const distance = (one: number | undefined) => Math.abs((this.items[one ?? 0]?.y ?? 0) - (item?.y ?? 0));
        if (best === undefined || distance(index) < distance(best)) best = index;
      }
      return best;
    };
    switch (key) {
      case "ArrowUp": return Math.max(first, at - 1);
      case "ArrowDown": return Math.min(last, at + 1);
      case "Home": return first;
      case "End": return last;
      case "ArrowRight": return first === 0 ? across(columnEnd, this.items.length) : undefined;
      case "ArrowLeft": return first > 0 ? across(0, columnEnd) : undefined;
      default: return undefined;
    }
  }

  private say({hosts, groups, hostsNotDrawn, groupsNotDrawn}: Selection, {interface: one}: View): void {
    const notes = [];
    if (hostsNotDrawn > 0 || groupsNotDrawn > 0) {
      notes.push(`Drawn are the ${counted(groups.length, "group")} with the most members and the ${
        counted(hosts.length, "host")} that listen to most of them; not drawn: ${counted(groupsNotDrawn, "group")} and ${
        number(hostsNotDrawn)}${hostsNotDrawn >= 1 ? " or more" : ""} ${hostsNotDrawn === 1 ? "host" : "hosts"}.`);
    }
    if (!one.settings["explicit-tracking"]) notes.push("Hosts are not tracked: a group's line leads to who reported it last.");
    if (hosts.length === 0 && groups.length === 0) notes.push("Nobody listens to a group.");
    setText(this.note, notes.join(" "));
    setHidden(this.note, notes.length === 0);
  }
}
