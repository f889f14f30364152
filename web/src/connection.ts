// What the exporter says, live: a stream that tells when to ask, and the answers.

import type {Happening, History, State} from "./types.js";

export interface Listener {
  state(state: State): void;
  history(history: History): void;
  happening(event: Happening): void;
  /** The exporter does not answer; it is asked again. */
  lost(): void;
}

const kTryAgainMs = 1000;
const kAnswerMs = 10_000;
/** The stream says something every ten seconds at least: after so long it is dead, whatever the browser thinks. */
const kSilenceMs = 25_000;

/** Asks for one thing, once at a time: who asks meanwhile gets a fresh answer afterwards. */
export class Fetcher<T> {
  private busy = false;
  private again = false;

  constructor(
    private readonly path: () => string,
    private readonly use: (answer: T, path: string) => void,
    private readonly failed: () => void,
  ) {}

  ask(): void {
    this.again = true;
    if (!this.busy) this.run().catch((error: unknown) => console.error(error));
  }

  private async run(): Promise<void> {
    this.busy = true;
    try {
      while (this.again) {
        this.again = false;
        await this.once();
      }
    } finally {
      this.busy = false;
    }
  }

  private async once(): Promise<void> {
    let answer: T;
    const path = this.path();
    try {
      const response = await fetch(path, {cache: "no-store", signal: AbortSignal.timeout(kAnswerMs)});
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      answer = (await response.json()) as T;
    } catch {
      this.again = false;
      this.failed();
      return;
    }
    this.use(answer, path);
  }
}

export class Connection {
  private stream: EventSource | undefined;
  private timer: number | undefined;
  private readonly states: Fetcher<State>;
  private readonly histories: Fetcher<History>;

  constructor(private readonly listener: Listener) {
    this.states = new Fetcher<State>(
      () => "/v1/state",
      (state) => listener.state(state),
      () => this.lose(),
    );
    this.histories = new Fetcher<History>(
      () => "/v1/history",
      (history) => listener.history(history),
      () => this.lose(),
    );
    // Nobody looks at a page in the background: it catches up when somebody does.
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.askAll();
    });
    this.open();
  }

  private open(): void {
    this.expectWithin(kSilenceMs);
    const stream = (this.stream = new EventSource("/v1/stream"));
    const heard = (use: (data: string) => void) => (event: MessageEvent<string>) => {
      this.expectWithin(kSilenceMs);
      use(event.data);
    };
    stream.addEventListener("open", () => {
      this.expectWithin(kSilenceMs);
      this.askAll();
    });
    stream.addEventListener("error", () => this.lose());
    stream.addEventListener(
      "state",
      heard(() => this.whenSeen(this.states)),
    );
    stream.addEventListener(
      "sample",
      heard(() => this.whenSeen(this.histories)),
    );
    stream.addEventListener(
      "happening",
      heard((data) => this.listener.happening(JSON.parse(data) as Happening)),
    );
  }

  private whenSeen(fetcher: {ask(): void}): void {
    if (!document.hidden) fetcher.ask();
  }

  private askAll(): void {
    this.states.ask();
    this.histories.ask();
  }

  /**
   * The browser would try again by itself, but not after every error and not at once. What is missed meanwhile is in
   * the history, which is asked for again.
   */
  private lose(): void {
    this.stream?.close();
    this.listener.lost();
    this.expectWithin(kTryAgainMs);
  }

  private expectWithin(milliseconds: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.stream?.close();
      if (milliseconds === kSilenceMs) this.listener.lost();
      this.open();
    }, milliseconds);
  }
}
