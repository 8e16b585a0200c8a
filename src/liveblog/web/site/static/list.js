/**
 * The entries in the page. What changed is changed in place; what is new is put where it belongs if that moves nothing
 * in sight, and is held back otherwise, until the reader asks for it or has scrolled on.
 */

import { article } from "./entry.js";
import { el, patch } from "./element.js";

export class List {
  #nodes = new Map();
  #seen;
  #page;
  #frame = 0;

  /** Ids of entries that are known and not shown yet. */
  held = new Set();
  /** Ids of entries that came and were not in sight yet, held or not. */
  unseen = new Set();

  /**
   * @param {object} page What the parts of the page share: book, words, times, eye, address, decorate.
   * @param {Element} [given] The server's section, to take over.
   */
  constructor(page, given) {
    this.#page = page;
    const label = { id: "coverage", class: "coverage", "aria-label": page.words.say("reader.coverage") };
    this.element = given ?? el("section", label, el("div.entries"));
    this.entries = this.element.querySelector(".entries");
    for (const node of this.entries.querySelectorAll(".entry")) this.#nodes.set(node.dataset.id, node);
    for (const node of this.#nodes.values()) page.eye.watch(node);
    this.#seen = new IntersectionObserver((rows) => this.#see(rows));
    const scrolled = () => (this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.held.size) this.release();
      if (this.unseen.size) this.onwaiting();
    }));
    this.stop = new AbortController();
    addEventListener("scroll", scrolled, { passive: true, capture: true, signal: this.stop.signal });
  }

  /** Called when `held` or `unseen` changed. */
  onwaiting = () => {};
  /** Called when entries that were new have been in sight. */
  onseen = () => {};

  /** Show the book anew, all of it. */
  replace() {
    const { book } = this.#page;
    this.held.clear();
    this.unseen.clear();
    const wanted = new Map(book.entries.map((entry) => [entry.id, entry]));
    for (const [id, node] of this.#nodes) {
      if (wanted.has(id)) continue;
      node.remove();
      this.#nodes.delete(id);
    }
    for (const empty of this.entries.querySelectorAll(":scope > :not(.entry)")) empty.remove();
    let at = this.entries.firstElementChild;
    for (const [id, entry] of wanted) {
      const node = this.#node(entry);
      if (node === at) at = at.nextElementSibling;
      else this.entries.insertBefore(node, at);
      this.#nodes.set(id, node);
    }
    if (!wanted.size) this.entries.append(el("p.empty", {}, this.#page.words.say("reader.empty")));
    this.onwaiting();
  }

  /**
   * Show what changed.
   * @param {Iterable<string>} ids
   * @param {boolean} [quiet] Put new ones in at once: a replay, or a page that the reader asked for.
   */
  update(ids, quiet = false) {
    const placed = this.#page.book.entries;
    const places = [...ids].map((id) => placed.findIndex((entry) => entry.id === id)).filter((index) => index >= 0);
    const fresh = places.filter((index) => !this.#nodes.has(placed[index].id));
    // Where things stand is asked before anything is put in, so that it is worked out once.
    const free = new Set(fresh.filter((index) => quiet || this.#isFree(placed, index)));
    for (const index of places) {
      if (free.has(index)) this.#insert(placed, index, quiet);
      else if (this.#nodes.has(placed[index].id)) this.#node(placed[index]);
      else this.#hold(placed[index].id);
    }
    this.onwaiting();
  }

  /** Show what is held back; where the reader did not ask, only what moves nothing in sight any more. */
  release(asked = false) {
    const placed = this.#page.book.entries;
    const waiting = [...placed.keys()].filter((index) => this.held.has(placed[index].id));
    const free = waiting.filter((index) => asked || this.#isFree(placed, index));
    if (!free.length) return;
    this.#page.eye.keep(() => {
      for (const index of free) {
        this.held.delete(placed[index].id);
        this.#insert(placed, index, false);
      }
    });
    this.onwaiting();
  }

  /** @returns {HTMLElement|undefined} */
  node(id) {
    return this.#nodes.get(id);
  }

  /** Of the shown ones, the newest that was not in sight yet. */
  get firstUnseen() {
    return this.#page.book.entries.map(({ id }) => this.#nodes.get(id)).find((node) => node && this.unseen.has(node.dataset.id));
  }

  #hold(id) {
    this.held.add(id);
    this.unseen.add(id);
  }

  #below(placed, index) {
    for (let at = index + 1; at < placed.length; at += 1) {
      const node = this.#nodes.get(placed[at].id);
      if (node) return node;
    }
    return null;
  }

  /** Whether an entry's place is out of sight, or nothing stands there. */
  #isFree(placed, index) {
    if (!this.#nodes.size) return true;
    const below = this.#below(placed, index);
    const { top, bottom } = (below ?? this.entries).getBoundingClientRect();
    return this.#page.eye.where(below ? top : bottom) !== 0;
  }

  #insert(placed, index, quiet) {
    const entry = placed[index];
    const node = this.#node(entry);
    this.entries.querySelector(":scope > .empty")?.remove();
    this.entries.insertBefore(node, this.#below(placed, index));
    this.#nodes.set(entry.id, node);
    if (quiet) return;
    this.unseen.add(entry.id);
    this.#seen.observe(node);
  }

  /** An entry's element as its document says, new or brought up to date. */
  #node(entry) {
    const held = this.#nodes.get(entry.id);
    if (held?.dataset.position === String(entry.position) && held.querySelector(":scope > .entry-main > .live")) return held;
    const made = this.#page.decorate(article(entry, this.#page), entry);
    this.#page.times.show(made);
    if (!held) {
      this.#page.eye.watch(made);
      return made;
    }
    const changed = held.dataset.position !== made.dataset.position;
    patch(held.querySelector(".entry-time"), made.querySelector(".entry-time"));
    const [main, wanted] = [held.querySelector(".entry-main"), made.querySelector(".entry-main")];
    patch(main, wanted);
    for (const name of made.getAttributeNames()) held.setAttribute(name, made.getAttribute(name));
    if (!made.hasAttribute("aria-labelledby")) held.removeAttribute("aria-labelledby");
    if (changed) this.#page.changed(held);
    return held;
  }

  #see(rows) {
    for (const { isIntersecting, target } of rows) {
      if (!isIntersecting) continue;
      this.#seen.unobserve(target);
      this.unseen.delete(target.dataset.id);
    }
    this.onwaiting();
    if (rows.some(({ isIntersecting }) => isIntersecting)) this.onseen();
  }

  close() {
    this.stop.abort();
    this.#seen.disconnect();
  }
}
