// Who asks, and how it goes: the few values that matter most, as terms and what they are.

import {element, Keyed, set, setHidden, setText} from "./dom.js";
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

function lastQuery(one: Interface, elapsed: number): Fact {
  const last = one["last-general-query"];
  if (!last) return {term: "Answers", value: "none yet", more: "no query so far"};
  const before = last["answered-before"];
  return {
    term: "Answers",
    value: counted(last.answered, "host"),
    more: `to the query ${duration(last.ago + elapsed)} ago${before === null ? "" : `; ${number(before)} to the one before`}`,
  };
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
    lastQuery(one, elapsed),
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

export class Facts {
  private readonly list: Keyed<Fact, HTMLDivElement>;

  constructor(place: HTMLElement) {
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
    this.list.show(factsOf(one, elapsed), (fact) => fact.term);
  }
}
