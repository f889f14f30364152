// The page: what the exporter says goes in here, and from here to the parts that show it.

import {Charts} from "./charts.js";
import {Connection} from "./connection.js";
import {Counters} from "./counters.js";
import {roleMarks, seriesOf} from "./curves.js";
import {Details} from "./details.js";
import {byId, element, Keyed, onceAFrame, set, setClass, setHidden, setText} from "./dom.js";
import {Drawing} from "./drawing.js";
import {Events} from "./events.js";
import {Facts} from "./facts.js";
import {familyName, inWords, label, moment, printable} from "./format.js";
import {
  furtherFindings,
  type Judgement,
  judge,
  keyOf,
  mergeEvents,
  type ShownHost,
  type Silence,
  silenceOf,
  sinceWords,
  unanswered,
  type View,
  viewsOf,
} from "./model.js";
import type {Chosen} from "./nodes.js";
import {Search} from "./search.js";
import {Table} from "./table.js";
import {groupRows, hostRows} from "./tables.js";
import {Tabs} from "./tabs.js";
import type {Group, Happening, History, State} from "./types.js";

/** The key of a view as the end of the page's address, so that a reload shows the same. */
const inAddress = (key: string): string => encodeURIComponent(key);

class Page {
  private state: State | undefined; // the last one in which the daemon answered
  private views: View[] = [];
  private viewKey = document.location.hash.slice(1);
  private chosen: Chosen;
  private silence: Silence | undefined; // while nobody answers
  private isLost = false; // the exporter itself does not answer
  private machine = "";
  private receivedAt = 0;
  private stoppedAt: number | undefined = 0; // since when nothing of the daemon has been heard
  private history: History = {interval: 30, series: [], events: []};
  private readonly facts = new Facts(byId("facts"));
  private readonly findings = new Keyed<{severity: string; text: string}, HTMLLIElement>(
    byId("findings"),
    () => element("li"),
    (node, {severity, text}) => {
      set(node, "data-severity", severity);
      setText(node, text);
    },
  );
  private readonly tabs = new Tabs(byId("tabs"), (key) => this.chooseView(key));
  private readonly drawing = new Drawing(byId("drawing"), byId("drawing-note"), (chosen) => this.choose(chosen));
  private readonly details = new Details(byId("details"), (chosen) => this.choose(chosen));
  private readonly groups = new Table<Group>(
    byId("groups"),
    groupRows(
      (group) => this.choose({kind: "group", address: group["group-address"]}, true),
      (words) => {
        this.search.ask(this.listed(), words);
        this.redraw();
      },
    ),
  );
  private readonly hosts = new Table<ShownHost>(
    byId("hosts"),
    hostRows((host) => this.choose({kind: "host", address: host["host-address"]}, true)),
  );
  private readonly charts = new Charts(byId("charts"), byId("history-note"));
  private readonly events = new Events(byId("events"), byId("events-note"), byId("events-more"));
  private readonly counters = new Counters(byId("counters-body"));
  private readonly search = new Search(() => this.show());
  private readonly redraw = onceAFrame(() => this.show());
  private readonly redrawHistory = onceAFrame(() => this.showHistory());

  constructor() {
    new Connection({
      state: (state) => this.take(state),
      history: (history) => {
        this.history = {...history, events: mergeEvents(this.history.events, history.events)};
        this.redrawHistory();
      },
      happening: (event: Happening) => {
        this.history.events = mergeEvents(this.history.events, [event]);
        this.redrawHistory();
      },
      lost: () => this.lose(),
    });
    window.setInterval(() => {
      if (!document.hidden) this.tick();
    }, 1000);
    document.addEventListener("scroll", onceAFrame(() => this.tickTables()), {passive: true});
  }

  private take(state: State): void {
    this.isLost = false;
    this.silence = silenceOf(state);
    this.machine = label(state.exporter["host-name"]);
    setText(byId("machine"), `igmp-querier on ${this.machine}`);
    setText(byId("exporter"), `exporter ${label(state.exporter.version)}, up ${inWords(state.exporter["up-time"])}`);
    if (!this.silence) {
      this.state = state;
      this.views = viewsOf(state);
      this.receivedAt = performance.now();
      this.search.ask(this.listed());
    }
    this.showAnswer();
    this.redraw();
  }

  private lose(): void {
    if (this.isLost) return;
    this.isLost = true;
    this.silence = {sentence: "the exporter does not answer", since: new Date()};
    this.showAnswer();
  }

  /** Whether somebody answers: header, headline, and how what is known looks say the same. */
  private showAnswer(): void {
    const {silence} = this;
    const [now, status] = [new Date(), this.state?.status];
    set(byId("link"), "data-level", silence ? "bad" : "good");
    setText(byId("link-text"), silence ? sinceWords(silence, now) : "live");
    if (silence) this.showVerdict(unanswered(silence, now));
    else if (this.state && status) this.showVerdict(judge(status, this.state.hosts));
    this.run(silence === undefined);
    setHidden(byId("as-of"), silence === undefined);
    setText(byId("as-of"), `Last known values, of ${moment(new Date(this.state?.time ?? ""), now)}`);
  }

  private showVerdict({level, word, sentence, note}: Judgement): void {
    set(byId("verdict"), "data-level", level);
    setText(byId("verdict-word"), word);
    setText(byId("verdict-sentence"), sentence);
    setText(byId("verdict-note"), note);
    setHidden(byId("verdict-note"), note === "");
    document.title = `${word} – igmp-querier${this.machine === "" ? "" : ` on ${this.machine}`}`;
  }

  /** How long ago the state was read. It stands still while nobody answers. */
  private elapsed(): number {
    return ((this.stoppedAt ?? performance.now()) - this.receivedAt) / 1000;
  }

  /** Times run while somebody answers; else they stand still, in grey. */
  private run(yes: boolean): void {
    this.stoppedAt = yes ? undefined : (this.stoppedAt ?? performance.now());
    setClass(byId("known"), "stale", !yes);
  }

  private listed(): View | undefined {
    return this.views.find((view) => inAddress(view.key) === this.viewKey) ?? this.views[0];
  }

  /** What is chosen, with what the filter has found beyond the lists. */
  private view(): View | undefined {
    const view = this.listed();
    return view && this.search.extended(view);
  }

  private show(): void {
    const view = this.view();
    setHidden(byId("known"), this.state === undefined);
    setHidden(byId("panel"), view === undefined);
    if (!this.state?.status) return;
    const {status} = this.state;
    setText(byId("program"), `${label(status.version)}, up ${inWords(status["up-time"])}`);
    this.tabs.show(this.views, view?.key ?? "");
    if (!view) return;
    const name = `${label(view.interface["interface-name"])}, ${familyName(view.interface.family)}`;
    setText(byId("querier-title"), `Querier on ${name}`);
    setText(byId("view-verdict"), printable(view.interface.verdict));
    setHidden(byId("view-verdict"), view.interface.verdict === status.verdict);
    set(byId("view-verdict"), "data-level", view.interface.healthy ? "good" : "bad");
    this.findings.show(furtherFindings(view.interface), ({text}) => text);
    this.drawing.show(view);
    this.groups.show(view.groups, view.interface["groups-count"], this.elapsed(), this.search.count());
    this.hosts.show(view.hosts, view.hosts.length, this.elapsed());
    this.counters.show(view.interface);
    this.showChosen(view);
    this.tick(true);
    this.showHistory();
  }

  private showHistory(): void {
    const view = this.view();
    this.events.show(this.history.events);
    if (!view) return;
    this.charts.show(
      view.key,
      seriesOf(this.history.series, view.key),
      this.history.interval,
      roleMarks(this.history.events, view.key),
    );
    this.tickCharts(view);
  }

  private tickCharts(view: View): void {
    const now = Date.parse(this.state?.time ?? "") / 1000 + this.elapsed();
    this.charts.tick(seriesOf(this.history.series, view.key), this.history.interval, now);
  }

  /** A second has passed, or a state has come. */
  private tick(now = false): void {
    const view = this.view();
    if (!view || (this.stoppedAt !== undefined && !now)) return;
    const elapsed = this.elapsed();
    const {"next-query": next, settings} = view.interface;
    this.facts.show(view.interface, elapsed);
    this.drawing.countDown(
      next === null ? null : Math.max(0, Math.min(1, (next - elapsed) / settings["query-interval"])),
    );
    this.details.show(this.chosen, view, elapsed);
    if (now) return;
    this.tickCharts(view);
    this.tickTables();
  }

  private tickTables(): void {
    this.groups.tick(this.elapsed());
    this.hosts.tick(this.elapsed());
  }

  private chooseView(key: string): void {
    this.viewKey = inAddress(key);
    this.chosen = undefined;
    window.history.replaceState(null, "", `#${this.viewKey}`);
    this.search.ask(this.listed());
    this.show();
  }

  private choose(chosen: Chosen, fromTable = false): void {
    this.chosen = chosen;
    const view = this.view();
    if (!view) return;
    this.showChosen(view);
    this.details.show(chosen, view, this.elapsed());
    // Where the drawing is far away, what was selected would change nothing that one sees.
    if (fromTable) byId("details").scrollIntoView({block: "nearest"});
  }

  private showChosen(view: View): void {
    this.drawing.select(this.chosen);
    const address = this.chosen?.address ?? "";
    this.groups.highlight(new Set(this.chosen?.kind === "group" ? [address] : []));
    this.hosts.highlight(new Set(this.chosen?.kind === "host" ? [address] : []));
    set(byId("panel"), "data-view", keyOf(view.interface));
  }
}

new Page();
