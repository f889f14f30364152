// What has happened, the newest first.

import {element, Keyed, set, setHidden, setText} from "./dom.js";
import {counted, moment, printable, words} from "./format.js";
import type {Happening} from "./types.js";

const kFirstEvents = 12;

export class Events {
  private readonly list: Keyed<Happening, HTMLLIElement>;
  private events: readonly Happening[] = [];
  private all = false;

  constructor(
    place: HTMLElement,
    private readonly none: HTMLElement,
    private readonly more: HTMLElement,
  ) {
    this.list = new Keyed(
      place,
      () => element("li", {}, element("time"), element("span", {class: "kind"}), element("span", {class: "message"})),
      (node, event) => this.update(node, event),
    );
    more.addEventListener("click", () => {
      this.all = !this.all;
      this.refresh();
    });
  }

  show(events: readonly Happening[]): void {
    this.events = events;
    this.refresh();
  }

  private refresh(): void {
    const newest = [...this.events].reverse();
    this.list.show(this.all ? newest : newest.slice(0, kFirstEvents), (event) => `${event.time} ${event.id}`);
    setHidden(this.none, newest.length > 0);
    setHidden(this.more, newest.length <= kFirstEvents);
    setText(this.more, this.all ? "Show fewer" : `Show ${counted(newest.length - kFirstEvents, "more event")}`);
  }

  private update(node: HTMLLIElement, event: Happening): void {
    const [time, kind, message] = [...node.children];
    if (!time || !kind || !message) return;
    const when = new Date(event.time);
    set(time, "datetime", event.time);
    setText(time, moment(when, new Date()));
    setText(kind, words(event.event));
    setText(message, printable(event.message));
    set(node, "data-level", event.priority === "error" ? "bad" : event.priority === "warning" ? "look" : "");
  }
}
