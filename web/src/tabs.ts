// One tab for each interface and family, when there are several.

import {element, Keyed, set, setHidden, setText} from "./dom.js";
import {familyName, label} from "./format.js";
import {judgeView, type View} from "./model.js";

const kSays = {good: "healthy", look: "warning", bad: "trouble", unknown: "unknown"};

export class Tabs {
  private readonly list: Keyed<View, HTMLButtonElement>;
  private keys: string[] = [];

  constructor(
    private readonly place: HTMLElement,
    private readonly choose: (key: string) => void,
  ) {
    this.list = new Keyed(
      place,
      (_, key) => {
        const node = element(
          "button",
          {"type": "button", "role": "tab", "aria-controls": "panel"},
          element("span", {class: "dot"}),
          element("span"),
          element("span", {class: "hidden"}),
        );
        node.addEventListener("click", () => this.choose(key));
        return node;
      },
      (node, view) => {
        const [dot, name, says] = [...node.children];
        if (!dot || !name || !says) return;
        const level = judgeView(view);
        set(dot, "data-level", level);
        setText(name, `${label(view.interface["interface-name"])} ${familyName(view.interface.family)}`);
        setText(says, `, ${kSays[level]}`);
      },
    );
    place.addEventListener("keydown", (event) => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      const at = this.keys.findIndex((key) => this.list.node(key) === event.target);
      if (step === undefined || at < 0) return;
      event.preventDefault();
      const key = this.keys[(at + step + this.keys.length) % this.keys.length] ?? "";
      this.choose(key);
      this.list.node(key)?.focus();
    });
  }

  show(views: readonly View[], chosen: string): void {
    this.keys = views.map((view) => view.key);
    setHidden(this.place, views.length < 2);
    this.list.show(views, (view) => view.key);
    for (const [key, node] of this.list.all()) {
      set(node, "aria-selected", String(key === chosen));
      set(node, "tabindex", key === chosen ? 0 : -1);
    }
  }
}
