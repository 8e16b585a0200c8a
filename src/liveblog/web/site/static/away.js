/**
 * "While you were away": what is new, what was corrected and what was withdrawn since a reader was last here.
 *
 * The position last seen is kept in the reader's own browser, with the epoch it belongs to; of another copy of the blog,
 * or where nothing can be kept, nothing is said.
 */
import { el, instant } from "./element.js";
import { title } from "./header.js";

const PAGES = 4; // of events, at most: who was away for longer than that reads the coverage
const SHOWN = 5; // of each sort
const ABSENCE_MS = 60_000;

export class Away {
  #stop = new AbortController();
  #hidden = 0; // since when
  #shown; // the position: the book may be ahead of what is seen

  /** @param {HTMLElement} blog The live-blog element. */
  constructor(blog) {
    this.blog = blog;
    this.src = new URL(blog.src, document.baseURI).href;
    this.key = `live-blog ${this.src}`;
    const { signal } = this.#stop;
    this.#shown = blog.book.position;
    const changed = ({ detail }) => {
      this.#shown = detail.position;
      if (!document.hidden) this.note();
    };
    blog.addEventListener("lb-change", changed, { signal });
    addEventListener("pagehide", () => this.note(), { signal });
    document.addEventListener("visibilitychange", () => this.#turn(), { signal });
    this.look();
  }

  close() {
    this.#stop.abort();
    this.element?.remove();
  }

  /** Keep the position, if the reader has seen what there is and is not in the past. */
  note() {
    const { book, wire, list } = this.blog;
    if (wire.moment || list.unseen.size || this.#stop.signal.aborted) return;
    try {
      localStorage.setItem(this.key, JSON.stringify({ epoch: book.epoch, position: this.#shown }));
    } catch {
      // No storage for us here: nothing is remembered.
    }
  }

  /** See what happened since, and say so. */
  async look() {
    const seen = this.#seen();
    if (seen?.epoch === this.blog.book.epoch && !this.blog.wire.moment) {
      try {
        const news = sort(await this.#read(seen), seen.position);
        if (!this.#stop.signal.aborted && (news.fresh.length || news.corrected.length || news.withdrawn.length)) this.#show(news);
      } catch {
        // Not to be had at the moment, or the epoch has changed since: the coverage says it all anyway.
      }
    }
    this.note();
  }

  #turn() {
    if (document.hidden) {
      this.note();
      this.#hidden = performance.now();
    } else if (performance.now() - this.#hidden > ABSENCE_MS) this.look();
  }

  #seen() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  async #read({ epoch, position }) {
    const entries = new Map();
    let page = { next_after: position, final: true };
    for (let number = 0; page.final && number < PAGES; number += 1) {
      const query = new URLSearchParams({ after: page.next_after, limit: 500, epoch });
      // Asked anew: what is kept of a visit some seconds ago would say that nothing has happened since.
      const answer = await fetch(`${this.src}/events?${query}`, { credentials: "omit", cache: "no-cache" });
      if (!answer.ok) throw new Error(`events: ${answer.status}`);
      page = await answer.json();
      for (const { entry } of page.events) if (entry) entries.set(entry.id, entry);
    }
    return { entries: [...entries.values()], more: page.final };
  }

  #show({ fresh, corrected, withdrawn, more }) {
    const say = (key, n) => this.blog.words.say(`reader.${key}`, { n });
    const counted = (key, list) => list.length > 0 && say(key, list.length);
    const counts = [
      fresh.length > 0 && say(more ? "away_new_many" : "away_new", fresh.length),
      counted("away_corrected", corrected), counted("away_withdrawn", withdrawn),
    ].filter(Boolean);
    const dismiss = el("button", { type: "button" }, say("away_dismiss"));
    const rest = fresh.length - SHOWN;
    const panel = el("aside.away.live", { "aria-labelledby": "away-title" },
      el("div.away-bar", {}, el("h2", { id: "away-title" }, say("away")), dismiss),
      el("p.away-counts", {}, counts.join(" · ")),
      el("ul", {},
        fresh.slice(0, SHOWN).map((entry) => this.#line(entry, entry.breaking ? "breaking" : entry.key_event ? "key_event" : "", title(entry, this.blog.words))),
        rest > 0 && el("li", {}, say("away_more", rest)),
        corrected.slice(0, SHOWN).map(({ entry, was, now }) => this.#line(entry, "correction", [el("del", {}, was), " → ", el("ins", {}, now)])),
        withdrawn.slice(0, SHOWN).map((entry) => this.#line(entry, "retracted", entry.retracted.reason))));
    dismiss.addEventListener("click", () => {
      this.#put(null);
      this.blog.list.element.querySelector(".entry")?.focus({ preventScroll: true });
    });
    panel.addEventListener("click", (event) => this.#follow(event));
    this.blog.times.show(panel);
    this.#put(panel);
  }

  #put(panel) {
    this.blog.eye.keep(() => {
      this.element?.remove();
      if (panel) this.blog.root.querySelector(".desk").before(panel);
    });
    this.element = panel;
  }

  #line(entry, label, words) {
    const href = new URL(`/${this.src.split("/").pop()}/entries/${entry.id}`, this.src);
    return el("li", {},
      label && [el(`span.label.label-${label === "key_event" ? "key" : label}`, {}, this.blog.words.say(`reader.${label}`)), " "],
      el("a", { href, "data-id": entry.id }, words), " ", instant(entry.published_at));
  }

  /** An entry that is on this page is gone to; any other has its own. */
  #follow(event) {
    const id = event.target.closest("a")?.dataset.id;
    if (!id || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { list } = this.blog;
    if (list.held.has(id)) list.release(true);
    const node = list.node(id);
    if (!node) return;
    event.preventDefault();
    this.blog.eye.go(node);
  }
}

/** Tell apart what is new to somebody who has seen everything up to a position, the key ones first. */
export function sort({ entries, more }, seen) {
  const known = entries.filter(({ first_position }) => first_position <= seen);
  const weight = ({ breaking, key_event }) => 2 * breaking + key_event;
  return {
    more,
    fresh: entries
      .filter(({ first_position, retracted, redacted }) => first_position > seen && !retracted && !redacted)
      .sort((a, b) => weight(b) - weight(a) || b.first_position - a.first_position),
    corrected: known.flatMap((entry) =>
      entry.corrections.filter(({ position }) => position > seen).map((each) => ({ entry, ...each }))),
    withdrawn: known.filter(({ retracted }) => retracted),
  };
}
