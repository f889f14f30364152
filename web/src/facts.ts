// Who asks, and how it goes: the few values that matter most, as terms and what they are.

import {columnsFor, firstIsAlone} from "./columns.js";
import {element, Keyed, set, setClass, setHidden, setText} from "./dom.js";
import {counted, duration, inWords, interval, label, number} from "./format.js";
import {roleName} from "./model.js";
import type {Interface} from "./types.js";

interface Fact {
  term: string;
  value: string;
  /** What is less important about it. */
  more: string;
  /** How much of a time is left, from 0 to 1. */
  left?: number;
  level?: "bad" | "look";
}

function querier(one: Interface, elapsed: number): Fact {
  const {"other-querier": other} = one;
  if (one.role === "waiting") {
    return {term: "Querier", value: "none", more: label(one.reason), level: "bad"};
  }
  if (other) {
    const takeOver = other.expire - elapsed;
    return {
      term: "Querier",
      value: label(other.address),
      more: `${label(other["mac-address"])}, ${one.protocol}v${other.version}; `
        + `we take over in ${duration(takeOver)} unless it queries again`,
    };
  }
  const address = one.querier ?? one.address ?? "?";
  const proxy = one.settings.proxy ? " as a proxy" : "";
  return {
    term: "Querier",
    value: "this host",
    more: `${label(address)}, ${label(one["mac-address"] ?? "no MAC address")}${proxy}`,
  };
}

function nextQuery(one: Interface, elapsed: number): Fact | undefined {
  const {"other-querier": other, "next-query": next} = one;
  if (next !== null) {
    const every = one.settings["query-interval"];
    const left = Math.max(0, next - elapsed);
    return {
      term: "Next query",
      value: duration(Math.ceil(left)),
      more: `every ${interval(every)}`,
      left: Math.min(1, left / every),
    };
  }
  if (!other) return undefined;
  const every = other["query-interval"] ?? other["measured-query-interval"];
  return {
    term: "Its last query",
    value: `${duration(other["last-query"] + elapsed)} ago`,
    more: every === null ? "" : `every ${interval(every)}`,
  };
}

/** Who has answered the last query whose time to answer is over, of the hosts that are still there. */
function answers(one: Interface, elapsed: number): Fact {
  const term = "Answers";
  if (!one.settings["explicit-tracking"]) return {term, value: "not tracked", more: "explicit-tracking is off"};
  const last = one["last-general-query"];
  if (!last) return {term, value: "none yet", more: "no query so far"};
  const {answered, complete, "answered-before": before} = last;
  const ago = `${duration(last.ago + elapsed)} ago`;
  const hosts = (count: number) => counted(Math.min(count, one["hosts-count"]), "host");
  if (complete) {
    const more = before === null ? "" : `; ${number(before)} to the one before`;
    return {term, value: hosts(answered), more: `to the query ${ago}${more}`};
  }
  if (before === null) return {term, value: "awaited", more: `to the first query, ${ago}; ${number(answered)} so far`};
  return {term, value: hosts(before), more: `to the query before last; ${number(answered)} so far to that ${ago}`};
}

function members(one: Interface): Fact {
  const silent = one["silent-hosts-count"];
  const tracked = one.settings["explicit-tracking"];
  return {
    term: "Hosts",
    value: tracked ? number(one["hosts-count"]) : "not tracked",
    more: !tracked ? "explicit-tracking is off" : silent > 0 ? `${number(silent)} silent` : "none silent",
  };
}

function rival(one: Interface, elapsed: number): Fact | undefined {
  if (!one.rival) return undefined;
  const {address, "mac-address": mac, queries, "last-query": last} = one.rival;
  return {
    term: "Rival",
    value: label(address),
    level: "bad",
    more: `${label(mac)} keeps querying: ${counted(queries, "query", "queries")}, the last ${duration(last + elapsed)} ago`,
  };
}

function factsOf(one: Interface, elapsed: number): Fact[] {
  const facts = [
    querier(one, elapsed),
    rival(one, elapsed),
    {
      term: "Our role",
      value: roleName(one.role),
      more: `for ${inWords(one["role-up-time"] + elapsed)}; ${label(one.reason)}`,
    },
    nextQuery(one, elapsed),
    answers(one, elapsed),
    {term: "Groups", value: number(one["groups-count"]), more: counted(one["sources-count"], "source")},
    members(one),
    {
      term: "Protocol",
      value: `${one.protocol}v${one.settings.version}`,
      more: `members expire ${interval(one["membership-interval"])} after their last report`,
    },
  ];
  return facts.filter((fact): fact is Fact => fact !== undefined);
}

const kNarrowest = 132; // pixels of a column
const kGap = 24;

export class Facts {
  private readonly list: Keyed<Fact, HTMLDivElement>;
  private count = 0;

  constructor(private readonly place: HTMLElement) {
    new ResizeObserver(() => this.arrange()).observe(place);
    this.list = new Keyed(
      place,
      () => {
        const bar = element("span", {"class": "bar", "aria-hidden": "true"}, element("span"));
        return element("div", {class: "fact"}, element("dt"), element("dd", {}, element("b"), bar, element("small")));
      },
      (node, fact) => {
        const [term, description] = [...node.children];
        const [value, bar, more] = [...(description?.children ?? [])];
        if (!term || !value || !bar || !more) return;
        setText(term, fact.term);
        setText(value, fact.value);
        setText(more, fact.more);
        setHidden(bar, fact.left === undefined);
        (bar.firstElementChild as HTMLElement).style.setProperty("transform", `scaleX(${(fact.left ?? 0).toFixed(3)})`);
        set(node, "data-level", fact.level ?? "");
      },
    );
  }

  show(one: Interface, elapsed: number): void {
    const facts = factsOf(one, elapsed);
    this.list.show(facts, (fact) => fact.term);
    if (facts.length !== this.count) this.arrange();
    this.count = facts.length;
  }

  private arrange(): void {
    const count = this.place.children.length;
    const columns = columnsFor(count, Math.floor((this.place.clientWidth + kGap) / (kNarrowest + kGap)));
    this.place.style.setProperty("--columns", String(columns));
    setClass(this.place, "uneven", firstIsAlone(count, columns));
  }
}
