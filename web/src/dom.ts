// The little that the page needs to build and change its document. Text is always set as text.

export type Child = Node | string;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function drawn<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number> = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAll(made, attributes);
  made.append(...children);
  return made;
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** Sets what has changed, and nothing else: a selection of text stays. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function set(node: Element, name: string, value: string | number): void {
  const text = String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

export function setAll(node: Element, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
}

export function setClass(node: Element, name: string, on: boolean): void {
  if (node.classList.contains(name) !== on) node.classList.toggle(name, on);
}

export function setHidden(node: Element, hidden: boolean): void {
  if (hidden !== node.hasAttribute("hidden")) node.toggleAttribute("hidden", hidden);
}

/** Children of a node, each for an item with a key: those that stay are kept, with focus and scroll position. */
export class Keyed<T, N extends Element> {
  private readonly nodes = new Map<string, N>();

  constructor(
    private readonly parent: Element,
    private readonly create: (item: T, key: string) => N,
    private readonly update: (node: N, item: T) => void,
  ) {}

  show(items: readonly T[], keyOf: (item: T) => string): void {
    const focused = document.activeElement;
    const wanted = new Map(items.map((item) => [keyOf(item), item]));
    for (const [key, node] of this.nodes) {
      if (wanted.has(key)) continue;
      node.remove();
      this.nodes.delete(key);
    }
    let next: Element | null = null;
    for (const [key, item] of [...wanted].reverse()) {
      let node = this.nodes.get(key);
      if (!node) this.nodes.set(key, (node = this.create(item, key)));
      this.update(node, item);
      if (node.parentNode !== this.parent || node.nextElementSibling !== next) this.parent.insertBefore(node, next);
      next = node;
    }
    // A node that was moved has lost the focus.
    if (focused instanceof HTMLElement || focused instanceof SVGElement) {
      if (focused !== document.activeElement && this.parent.contains(focused)) focused.focus({preventScroll: true});
    }
  }

  node(key: string): N | undefined {
    return this.nodes.get(key);
  }

  all(): IterableIterator<[string, N]> {
    return this.nodes.entries();
  }
}

/** Calls back once a frame at most. In a page that nobody sees it waits until somebody does. */
export function onceAFrame(action: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      action();
    });
  };
}
