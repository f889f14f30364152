// A table of many rows: sorted, filtered, and never with more rows in the document than one reads.

import {element, Keyed, set, setClass, setHidden, setText} from "./dom.js";
import {counted, number} from "./format.js";
import {chosen, firstWhere, type Value} from "./model.js";

export interface Column<T> {
  name: string;
  /** What it is called where there is no room. */
  short?: string;
  numeric?: boolean;
  value(row: T): Value;
  /** The text of the cell, and what is less important about it. Asked for again every second. */
  text(row: T, elapsed: number): string;
  more?(row: T): string;
}

export interface Rows<T> {
  name: string;
  none: string;
  columns: readonly Column<T>[];
  key(row: T): string;
  /** Everything that a filter may look for. */
  searched(row: T): string;
  /** What orders rows whose values are the same. */
  tie(row: T): Value;
  marked(row: T): boolean;
  select(row: T): void;
  /** Other words are looked for. */
  filtered?(words: string): void;
}

const kFirstRows = 25;
const kMoreRows = 200;
const kMaxRows = 1000;
const kManyRows = 250;

export class Table<T> {
  private rows: readonly T[] = [];
  private shown: readonly T[] = [];
  private total = 0;
  private foundElsewhere: number | undefined;
  private sorted = 0;
  private descending = false;
  private wanted = "";
  private most = kFirstRows;
  private elapsed = 0;
  private readonly heads: HTMLElement[] = [];
  private readonly list: Keyed<T, HTMLTableRowElement>;
  private readonly count = element("output", {class: "quiet"});
  private readonly more = element("button", {type: "button", class: "more", hidden: ""});
  private readonly none = element("p", {class: "note", hidden: ""});
  private readonly table = element("table");
  private readonly selectable = new Map<string, T>();

  constructor(
    place: HTMLElement,
    private readonly about: Rows<T>,
  ) {
    const filter = element("input", {
      "type": "search",
      "placeholder": "Filter",
      "aria-label": `Filter ${about.name}`,
      "autocomplete": "off",
      "spellcheck": "false",
    });
    filter.addEventListener("input", () => {
      this.wanted = filter.value;
      this.foundElsewhere = undefined;
      about.filtered?.(this.wanted);
      this.refresh();
    });
    this.more.addEventListener("click", () => {
      this.most = Math.min(kMaxRows, this.most + kMoreRows);
      this.refresh();
    });
    const body = element("tbody");
    this.table.append(element("thead", {}, this.head()), body);
    set(this.table, "aria-labelledby", `${place.id}-title`);
    place.append(element("div", {class: "tools"}, filter, this.count), this.table, this.none, this.more);
    this.list = new Keyed(
      body,
      (row, key) => this.row(row, key),
      (node, row) => this.update(node, row),
    );
  }

  /** `found`: how many of all have what is looked for, where somebody else has looked. */
  show(rows: readonly T[], total: number, elapsed: number, found?: number): void {
    this.rows = rows;
    this.foundElsewhere = found;
    this.total = total;
    this.elapsed = elapsed;
    this.refresh();
  }

  /** Time passes: what counts it is written anew where one sees it. A change elsewhere would lay out all rows again. */
  tick(elapsed: number): void {
    this.elapsed = elapsed;
    const nodes = this.shown.map((row) => this.list.node(this.about.key(row)));
    const above = (y: number) => firstWhere(nodes.length, (at) => (nodes[at]?.getBoundingClientRect().bottom ?? 0) >= y);
    const [from, to] = [above(0), above(window.innerHeight)];
    this.shown.slice(from, to + 1).forEach((row, index) => {
      const node = nodes[from + index];
      if (node) this.update(node, row);
    });
  }

  highlight(keys: ReadonlySet<string>): void {
    for (const [key, node] of this.list.all()) setClass(node, "selected", keys.has(key));
  }

  private head(): HTMLElement {
    const row = element("tr");
    this.about.columns.forEach((column, index) => {
      const button = element("button", {type: "button"}, column.name);
      button.addEventListener("click", () => {
        this.descending = this.sorted === index ? !this.descending : column.numeric === true;
        this.sorted = index;
        this.refresh();
      });
      const head = element("th", {scope: "col", class: column.numeric ? "number" : "text"}, button);
      this.heads.push(head);
      row.append(head);
    });
    return row;
  }

  private refresh(): void {
    const {about} = this;
    const column = about.columns[this.sorted];
    if (!column) return;
    const found = chosen(
      this.rows,
      (row) => about.searched(row),
      this.wanted,
      (row) => column.value(row),
      (row) => about.tie(row),
      this.descending,
    );
    this.shown = found.slice(0, this.most);
    this.selectable.clear();
    for (const row of this.shown) this.selectable.set(about.key(row), row);
    this.list.show(this.shown, (row) => about.key(row));
    this.heads.forEach((head, index) => {
      set(head, "aria-sort", index !== this.sorted ? "none" : this.descending ? "descending" : "ascending");
    });
    this.say(found.length);
  }

  private say(found: number): void {
    const all = Math.max(this.total, this.rows.length);
    const isFiltered = this.wanted.trim() !== "";
    const count = isFiltered ? Math.max(found, this.foundElsewhere ?? 0) : all;
    const listed = isFiltered ? found : this.rows.length;
    const words = isFiltered ? `${number(count)} of ${number(all)}` : number(all);
    setText(this.count, count > listed ? `${words}; ${number(listed)} of them are listed` : words);
    const hidden = found - this.shown.length;
    setHidden(this.more, hidden <= 0);
    setText(this.more, `Show ${counted(Math.min(hidden, kMoreRows), "more row", "more rows")}`);
    setClass(this.table, "many", this.shown.length > kManyRows);
    setHidden(this.table, this.rows.length === 0);
    setHidden(this.none, found > 0);
    setText(this.none, this.rows.length === 0 ? this.about.none : `No row contains “${this.wanted}”.`);
  }

  private row(first: T, key: string): HTMLTableRowElement {
    const node = element("tr");
    this.about.columns.forEach((column, index) => {
      // What only CSS shows on a narrow screen, the name of the column, is data of the page, not of the network.
      const cell = element(index === 0 ? "th" : "td", {
        "class": column.numeric ? "number" : "text",
        "data-name": column.short ?? column.name,
      });
      if (index === 0) {
        const button = element("button", {type: "button", class: "address"});
        button.addEventListener("click", () => this.about.select(this.selectable.get(key) ?? first));
        cell.setAttribute("scope", "row");
        cell.append(button);
      } else {
        cell.append(element("span"));
      }
      if (column.more) cell.append(element("small"));
      node.append(cell);
    });
    return node;
  }

  private update(node: HTMLTableRowElement, row: T): void {
    setClass(node, "marked", this.about.marked(row));
    this.about.columns.forEach((column, index) => {
      const cell = node.children[index];
      if (!cell?.firstElementChild) return;
      setText(cell.firstElementChild, column.text(row, this.elapsed));
      if (column.more && cell.lastElementChild) setText(cell.lastElementChild, column.more(row));
    });
  }
}
