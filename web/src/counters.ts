// Every counter of an interface, for those who look for something.

import {element, Keyed, setText} from "./dom.js";
import {number, words} from "./format.js";
import type {Interface} from "./types.js";

interface Counter {
  name: string;
  value: number;
}

interface Section {
  title: string;
  counters: Counter[];
}

const countersOf = (counts: Record<string, number>): Counter[] =>
  Object.entries(counts).map(([name, value]) => ({name: words(name), value}));

function sectionsOf({statistics: {sent, received, dropped, noticed, ...rest}}: Interface): Section[] {
  return [
    {title: "Sent", counters: countersOf(sent)},
    {title: "Received", counters: countersOf(received)},
    {title: "Dropped", counters: [{name: "total", value: dropped.total}, ...countersOf(dropped.reasons)]},
    {title: "Noticed", counters: countersOf(noticed)},
    {title: "Elections", counters: countersOf({"lost": rest["elections-lost"], "role-changes": rest["role-changes"]})},
    {title: "Topology changes", counters: countersOf(rest["topology-changes"] ?? {})},
  ].filter((section) => section.counters.length > 0);
}

export class Counters {
  private readonly sections: Keyed<Section, HTMLElement>;

  constructor(place: HTMLElement) {
    const lists = new WeakMap<HTMLElement, Keyed<Counter, HTMLDivElement>>();
    this.sections = new Keyed(
      place,
      (section) => {
        const list = element("dl");
        const node = element("section", {}, element("h3", {}, section.title), list);
        lists.set(
          node,
          new Keyed(
            list,
            (counter) => element("div", {}, element("dt", {}, counter.name), element("dd")),
            (row, counter) => setText(row.children[1] ?? row, number(counter.value)),
          ),
        );
        return node;
      },
      (node, section) => lists.get(node)?.show(section.counters, (counter) => counter.name),
    );
  }

  show(one: Interface): void {
    this.sections.show(sectionsOf(one), (section) => section.title);
  }
}
