// The drawing of the LAN: queriers and hosts on their cable, groups, and lines for who listens to what.

import {drawn, element, Keyed, set, setAll, setClass, setHidden, setText} from "./dom.js";
import {line, place, type Places, select, type Selection} from "./layout.js";
import type {View} from "./model.js";
import {
  amountsOf,
  type Chosen,
  chosenKey,
  chosenOf,
  isRight,
  type Item,
  itemsOf,
  neighbour,
  noteOf,
  queriersOf,
} from "./nodes.js";

const kMaxHighlights = 30;
const kShineMs = 2500;
const kCalm = matchMedia("(prefers-reduced-motion: reduce)");
const kRing = 2 * Math.PI * 15;

export class Drawing {
  private readonly svg = drawn("svg", {"role": "group", "aria-labelledby": "lan-title"});
  private readonly cable = drawn("path", {class: "cable"});
  private readonly lines = drawn("g", {"class": "lines", "aria-hidden": "true"});
  private readonly lit = drawn("path", {"class": "lit", "aria-hidden": "true"});
  private readonly fresh = drawn("path", {"class": "fresh", "aria-hidden": "true"});
  private readonly nodes = drawn("g");
  private readonly ring = drawn("circle", {
    "class": "ring",
    "r": 15,
    "aria-hidden": "true",
    "stroke-dasharray": kRing.toFixed(1),
  });
  private readonly nodeList: Keyed<Item, SVGGElement>;
  private readonly lineList: Keyed<{key: string; path: string; silent: boolean}, SVGPathElement>;
  private readonly trail: Keyed<string, HTMLButtonElement>;
  private readonly trailPlace = element("nav", {"class": "trail", "aria-label": "Opened ranges", "hidden": ""});
  private view: View | undefined;
  private opened: string[] = []; // ranges, the smallest last
  private selection: Selection | undefined;
  private places: Places | undefined;
  private items: Item[] = [];
  private chosen: Chosen;
  private pointed: Chosen;
  private known = new Set<string>();
  private added = new Set<string>();
  private knownView = "";

  constructor(
    private readonly area: HTMLElement,
    private readonly note: HTMLElement,
    private readonly choose: (chosen: Chosen) => void,
  ) {
    this.svg.append(this.cable, this.lines, this.lit, this.fresh, this.ring, this.nodes);
    area.append(this.trailPlace, this.svg);
    this.trail = new Keyed(
      this.trailPlace,
      (_, key) => {
        const node = element("button", {type: "button"});
        node.addEventListener("click", () => this.close(Number(key)));
        return node;
      },
      (node, name) => setText(node, name),
    );
    this.nodeList = new Keyed(
      this.nodes,
      (item) => this.node(item),
      (node, item) => this.update(node, item),
    );
    this.lineList = new Keyed(
      this.lines,
      () => drawn("path"),
      (node, {path, silent}) => {
        set(node, "d", path);
        setClass(node, "silent", silent);
      },
    );
    this.svg.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => {
      if (this.view && Math.abs(area.clientWidth - (this.places?.width ?? 0)) >= 1) this.show(this.view);
    }).observe(area);
  }

  show(view: View): void {
    if (this.view?.key !== view.key) this.opened = [];
    this.view = view;
    const queriers = queriersOf(view);
    const selection = (this.selection = this.selected(view));
    setHidden(this.trailPlace, this.opened.length === 0);
    this.trail.show(["All groups", ...this.opened], (name) => String(["All groups", ...this.opened].indexOf(name)));
    const width = Math.max(240, this.area.clientWidth);
    const places = (this.places = place(amountsOf(selection, queriers.length), width));
    setAll(this.svg, {viewBox: `0 0 ${places.width} ${places.height}`, height: places.height});
    setClass(this.svg, "narrow", places.narrow);
    this.items = itemsOf(view, queriers, selection, places);
    if (!this.items.some((item) => item.key === chosenKey(this.pointed))) this.pointed = undefined;
    this.drawCable(places);
    this.drawLines(selection, places);
    this.nodeList.show(this.items, (item) => item.key);
    setAll(this.ring, {cx: places.nodeX, cy: places.queriers[0] ?? 0});
    this.keepOneTabStop();
    this.light();
    setText(this.note, noteOf(selection, view));
    setHidden(this.note, this.note.textContent === "");
  }

  /** What is opened, or the smallest range around it that still has groups. */
  private selected(view: View): Selection {
    for (;;) {
      const selection = select(view, this.opened.at(-1));
      if (selection.parts.length > 0 || this.opened.length === 0) return selection;
      this.opened.pop();
    }
  }

  /** Leaves so many ranges open. */
  private close(left: number): void {
    this.opened.length = Math.min(left, this.opened.length);
    if (this.view) this.show(this.view);
    (this.trailPlace.hidden ? this.nodes.querySelector<SVGGElement>("[tabindex='0']") : this.trail.node(String(left)))?.focus();
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

  private drawCable({cable, queriers, hosts, nodeX}: Places): void {
    const stubs = [...queriers, ...hosts].map((y) => `M${cable.x} ${y.toFixed(1)}H${nodeX}`).join("");
    set(this.cable, "d", `M${cable.x} ${cable.top}V${cable.bottom.toFixed(1)}${stubs}`);
  }

  /** One path a host: sixty at most, however many groups they listen to. */
  private drawLines(selection: Selection, places: Places): void {
    const paths = selection.hosts.map(() => "");
    const present = new Set<string>();
    const added: string[] = [];
    const sameView = this.knownView === this.view?.key;
    let shining = "";
    for (const [host, part] of selection.edges) {
      const path = line(places, host, part);
      paths[host] += path;
      const key = `${selection.hosts[host]?.address} ${selection.parts[part]?.label}`;
      present.add(key);
      if (sameView && !this.known.has(key)) added.push(key);
      if (this.added.has(key)) shining += path;
    }
    this.lineList.show(
      selection.hosts.map((host, index) => ({key: host.address, path: paths[index] ?? "", silent: host.silent})),
      (one) => one.key,
    );
    set(this.fresh, "d", shining);
    this.known = present;
    this.knownView = this.view?.key ?? "";
    // Lines that were not there a moment ago shine up. When many are new at once, nothing special has happened.
    if (added.length > 0 && added.length <= kMaxHighlights && !kCalm.matches) this.shine(added, selection, places);
  }

  private shine(added: readonly string[], selection: Selection, places: Places): void {
    this.added = new Set(added);
    this.drawLines(selection, places);
    this.fresh.getAnimations().forEach((animation) => animation.cancel());
    this.fresh.animate([{opacity: 1}, {opacity: 1, offset: 0.3}, {opacity: 0}], kShineMs).onfinish = () => {
      this.added.clear();
      set(this.fresh, "d", "");
    };
  }

  private node(item: Item): SVGGElement {
    const node = drawn(
      "g",
      {role: "button", tabindex: -1},
      drawn("title"),
      drawn("rect", {class: "reach", rx: 4}),
      drawn("circle"),
      drawn("text", {class: "label"}),
      drawn("text", {class: "about"}),
    );
    node.addEventListener("click", () => this.toggle(item.chosen));
    node.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse") this.point(item.chosen);
    });
    node.addEventListener("pointerleave", () => this.point(undefined));
    return node;
  }

  private update(node: SVGGElement, item: Item): void {
    const {places} = this;
    const [title, reach, circle, name, about] = [...node.children];
    if (!places || !title || !reach || !circle || !name || !about) return;
    const group = isRight(item);
    const querier = item.chosen.kind === "querier";
    const twoLines = querier || (places.narrow && group && item.about !== "");
    const x = group ? places.groupLabelX - places.lineTo : querier ? 24 : places.hostLabelX - places.nodeX;
    set(node, "class", `node ${item.kind}`);
    set(node, "transform", `translate(${item.x} ${item.y.toFixed(1)})`);
    setText(title, item.says);
    set(circle, "r", item.radius.toFixed(1));
    setText(name, item.label);
    setText(about, item.about);
    const beside = x + (item.label.length + 1.5) * 7.25;
    setAll(name, {x, y: twoLines ? -4 : 4});
    setAll(about, twoLines ? {x, y: 12} : {x: beside, y: 4});
    const height = twoLines ? 34 : Math.max(14, Math.min(26, this.rowOf(item)));
    const width = group
      ? places.width - places.lineTo + 12
      : querier
        ? Math.min(260, places.width - 40)
        : places.lineFrom - places.nodeX + 12;
    setAll(reach, {x: -12, y: -height / 2, width, height});
  }

  /** How far the next of the same kind is away. */
  private rowOf(item: Item): number {
    const all = isRight(item) ? this.places?.groups : this.places?.hosts;
    return all && all.length > 1 ? (all[1] ?? 0) - (all[0] ?? 0) : 26;
  }

  private toggle(chosen: NonNullable<Chosen>): void {
    if (chosen.kind === "range") {
      this.opened.push(chosen.address);
      this.pointed = undefined;
      if (this.view) this.show(this.view);
      return this.trail.node(String(this.opened.length))?.focus();
    }
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
    const shown = this.drawnAs(this.pointed ?? this.chosen);
    const related = new Set<string>(shown ? [chosenKey(shown)] : []);
    const keys = selection.parts.map((part) => chosenKey(chosenOf(part)));
    let path = "";
    for (const [host, part] of selection.edges) {
      const hostKey = `host ${selection.hosts[host]?.address}`;
      const key = keys[part] ?? "";
      if (hostKey !== chosenKey(shown) && key !== chosenKey(shown)) continue;
      path += line(places, host, part);
      related.add(hostKey).add(key);
    }
    set(this.lit, "d", path);
    setClass(this.svg, "dimmed", shown !== undefined && shown.kind !== "querier");
    for (const [key, node] of this.nodeList.all()) {
      setClass(node, "related", related.has(key));
      set(node, "aria-pressed", key === chosenKey(this.chosen) ? "true" : "false");
    }
  }

  /** What is selected, or the range that it is drawn in. */
  private drawnAs(chosen: Chosen): Chosen {
    if (chosen?.kind !== "group") return chosen;
    const part = this.selection?.parts.find(({groups}) =>
      groups.some((group) => group["group-address"] === chosen.address),
    );
    return part ? chosenOf(part) : chosen;
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
    const to = neighbour(this.items, at, event.key);
    if (to !== undefined) {
      this.nodeList.node(this.items[to]?.key ?? "")?.focus();
      this.keepOneTabStop();
    } else if (event.key === "Enter" || event.key === " ") {
      this.toggle(item.chosen);
    } else if (event.key === "Escape" && this.opened.length > 0 && !this.chosen) {
      this.close(this.opened.length - 1);
    } else if (event.key === "Escape") {
      this.choose(undefined);
    } else {
      return;
    }
    event.preventDefault();
  }
}
