/**
 * A blog's coverage in a page: `<live-blog src="https://…/v1/blogs/night"></live-blog>`.
 *
 * With the server's page inside, it takes that over as it stands; empty, it shows the coverage in a root of its own, whose
 * styles neither come in nor go out but for the custom properties `--lb-…`. Attributes `position` or `time`, and `rate`,
 * open an embedded coverage in the past.
 *
 * After each commit that it shows, `lb-change` with {position, changed, header, replaced}; `data-shown` is that position,
 * `data-status` the wire's, and `data-complete` is set once everything is there.
 */
import { Announcer } from "./announcer.js";
import { Book } from "./book.js";
import { Changes } from "./changes.js";
import { el } from "./element.js";
import { Eye } from "./eye.js";
import { Gate, bring } from "./gate.js";
import { Keys } from "./keys.js";
import { List } from "./list.js";
import { watch } from "./media.js";
import { Paging } from "./paging.js";
import { Pill } from "./pill.js";
import { Place, attributed } from "./place.js";
import { Points } from "./points.js";
import { Gone, read, sleep } from "./reading.js";
import { draw, dress, furniture } from "./sections.js";
import { Status } from "./status.js";
import { Times } from "./times.js";
import { Tools } from "./tools.js";
import { Turns } from "./turns.js";
import { Wire } from "./wire.js";
import { Words } from "./words.js";

const RETRY_MS = [1_000, 30_000];

export class LiveBlog extends HTMLElement {
  static observedAttributes = ["src"];

  #stop = null;
  #parts = [];

  get src() {
    return this.getAttribute("src");
  }

  connectedCallback() {
    // While the page is still being read, what is inside is not all there.
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => this.isConnected && this.#begin(), { once: true });
    else this.#begin();
  }

  disconnectedCallback() {
    this.#end();
  }

  attributeChangedCallback(name, before, now) {
    if (before === null || before === now || !this.#stop) return;
    this.#end();
    this.root?.replaceChildren();
    this.words = null;
    this.#begin();
  }

  #end() {
    this.#stop?.abort();
    this.#stop = null;
    for (const part of this.#parts.splice(0)) part.close();
    for (const own of this.root?.querySelectorAll(".live") ?? []) own.remove();
  }

  async #begin() {
    if (this.#stop || !this.src) return;
    const { signal } = (this.#stop = new AbortController());
    this.place = new Place(this.src);
    this.#furnish();
    this.book = new Book();
    this.wire = new Wire(this.src);
    const { to, rate, around, cursor } = this.#wanted;
    const then = to === undefined ? {} : { [typeof to === "number" ? "position" : "time"]: to };
    if (!(await this.#read(then, { around, cursor }, signal))) return;
    this.wire.moment = to === undefined ? null : { to, rate: rate ?? undefined, paused: !rate };
    this.#compose(signal);
    this.wire.open(this.book);
    const machine = this.#isPage || this.wire.moment ? await bring(this) : new Gate(this);
    if (signal.aborted) return machine.close();
    this.#parts.push(machine);
    if (!this.#isPage) return;
    const { Away } = await import("./away.js");
    if (!signal.aborted) this.#parts.push(new Away(this));
  }

  /** What of the blog to show. */
  get #wanted() {
    return this.#isPage ? this.place.wanted : attributed(this);
  }

  /** Whether this is the coverage of a page of the blog itself. */
  get #isPage() {
    return !this.shadowRoot && this.place.page !== null;
  }

  /** Find or make the root, and what it is styled by. */
  #furnish() {
    if (this.root) {
      if (!this.root.children.length) this.root.append(furniture());
      return;
    }
    const inside = this.querySelector(".lb");
    const shadow = inside ? null : this.attachShadow({ mode: "open" });
    this.root = inside ?? el("div.lb", {}, furniture());
    const dressed = dress(shadow ?? document.head, "live-blog.css");
    if (!shadow) return;
    shadow.append(this.root);
    this.root.style.visibility = "hidden"; // not to be seen naked
    dressed.then(() => (this.root.style.visibility = ""));
  }

  /** Read the blog into the book; tries until it is there. */
  async #read(then, page, signal) {
    for (let wait = RETRY_MS[0]; !signal.aborted; wait = Math.min(wait * 2, RETRY_MS[1])) {
      try {
        const state = await read(this.src, then);
        const paged = page.around || page.cursor;
        const beside = paged && (await read(`${this.src}/entries`, { ...page, ...(then.position || then.time ? then : { at_least: state.position }) }));
        this.words ??= await Words.load(state.language, "reader.");
        if (signal.aborted) return false;
        this.book.replace(state, beside || undefined);
        return true;
      } catch (error) {
        if (error instanceof Gone) {
          await this.#gone();
          return false;
        }
        await sleep(wait * (0.5 + Math.random() / 2), signal);
      }
    }
    return false;
  }

  async #gone() {
    this.words ??= await Words.load(document.documentElement.lang || "en", "reader.");
    if (!this.root.querySelector(".entry")) this.root.replaceChildren(el("p.notice.live", {}, this.words.say("live.gone")));
  }

  #compose(signal) {
    const { book, words, root, wire } = this;
    root.querySelector(".notice.then")?.remove(); // the time machine says it better
    if (this.shadowRoot) {
      root.lang = book.header.language;
      root.dir = words.direction(book.header.language);
    }
    const { language, time_zone } = book.header;
    this.times = new Times(root, words.locale(language), time_zone);
    this.announcer = new Announcer();
    this.changes = new Changes((changes) => this.#show(changes));
    this.eye = new Eye(root);
    this.marked = this.#wanted.around ?? null;
    this.tools = new Tools(this);
    this.points = new Points();
    this.turns = new Turns();
    this.list = new List(this, root.querySelector(".coverage"));
    if (!this.list.element.isConnected) root.querySelector(".main").append(this.list.element);
    this.status = new Status(this);
    this.pill = new Pill(this);
    this.keys = new Keys(this, this.shadowRoot ? this : document, signal);
    this.list.onwaiting = () => this.pill.show();
    this.list.onseen = () => this.eye.keep(() => this.sections(), true);
    root.prepend(this.announcer.element, this.status.notice, this.pill.element);
    root.append(this.keys.element, this.keys.dialog);
    this.paging = new Paging(this);
    this.#parts.push(this.changes, this.times, this.eye, this.list, this.status, this.paging, wire);
    watch(root, signal);
    root.addEventListener("click", (event) => this.#jump(event), { signal });
    for (const name of ["event", "snapshot", "caught_up", "status", "void"])
      wire.addEventListener(name, ({ detail }) => this[`_${name}`](detail, signal), { signal });
    this.changes.note({ replaced: true });
    this.changes.flush();
    this.eye.arrive(this.list.node(this.marked));
  }

  /** An entry's permanent address; with `then`, at the moment that is shown. */
  address(id, then = false) {
    return this.place.address(id, then && this.replaying ? this.book.position : null);
  }

  /** Whether the page shows the past. */
  get replaying() {
    return this.wire.moment !== null;
  }

  /** What a request must name so that its answer fits what is shown. */
  moment = (position) => (this.replaying ? { position } : { at_least: position });

  /** What is added to an entry's element. */
  decorate(made, entry) {
    return this.tools.add(made, entry);
  }

  /** Show that an entry was changed just now. */
  changed(element) {
    if (this.replaying || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    element.animate([{ backgroundColor: "var(--lb-wash)" }, { backgroundColor: "transparent" }], { duration: 3_000 });
  }

  /** The newest entries, from a page of old ones. */
  async newest() {
    if (!this.book.previous || !this.#stop) return;
    if (await this.#read({}, {}, this.#stop.signal)) this.#resume();
  }

  #resume() {
    this.wire.close();
    this.wire.open(this.book, null);
    this.changes.note({ replaced: true });
    this.changes.flush();
  }

  /** Another copy of the log, or one that was changed: begin anew, with as many entries as there were. */
  async _void(_, signal) {
    const { length } = this.book.entries;
    const page = this.book.previous ? { around: this.book.entries[0]?.id } : {};
    if (!(await this.#read({}, page, signal))) return;
    const { src, book } = this;
    while (book.next && book.entries.length < length && !signal.aborted) {
      try {
        book.add(await read(`${src}/entries`, { cursor: book.next, limit: 200, at_least: book.position }));
      } catch {
        break; // the reader may ask for them again
      }
    }
    if (!signal.aborted) this.#resume();
  }

  _status(detail) {
    this.dataset.status = detail.status;
    this.status.changed(detail);
  }

  _snapshot({ state }) {
    this.book.replace(state);
    this.changes.note({ replaced: true });
  }

  /** What was played up to the live edge is no past any more; the head says so. */
  _caught_up() {
    this.changes.note({});
  }

  _event(message) {
    const { book } = this;
    const before = message.entry && book.get(message.entry.id);
    if (message.header) this.points.note(book.header, message);
    const change = book.apply(message);
    if (message.entry) {
      this.turns.note(message.entry);
      if (!this.replaying && this.wire.status === "live") this.announcer.tell(before, message.entry, this.words);
    }
    if (change.complete) this.changes.note(change);
  }

  /** Show what changed; but nothing of a commit of which more is to come, whose end says so again. */
  #show(changes) {
    if (!this.book.whole) return false;
    this.eye.keep(() => {
      if (changes.replaced) this.list.replace();
      else this.list.update(changes.changed, this.replaying);
      this.sections();
    });
    this.paging.show();
    this.dataset.shown = this.book.position;
    this.dispatchEvent(new CustomEvent("lb-change", { detail: { position: this.book.position, ...changes } }));
    if (changes.replaced) this.#load();
    return true;
  }

  /** Read what the blog's document does not hold: key events, and what key points said before. */
  async #load() {
    const { signal } = this.#stop;
    const more = [this.turns.load(this), read(`${this.src}/key-points`).then((found) => this.points.load(found))];
    await Promise.allSettled(more);
    if (signal.aborted) return;
    this.eye.keep(() => this.sections());
    this.dataset.complete = "";
  }

  /** Bring everything but the list up to date. */
  sections() {
    draw(this);
  }

  /** A link to an entry that is in the page goes there. */
  #jump(event) {
    const link = event.target.closest(".banner a, .turns a");
    const node = link && this.list.node(link.closest("[data-id]").dataset.id);
    if (!node || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.eye.go(node);
  }
}

customElements.get("live-blog") ?? customElements.define("live-blog", LiveBlog);
