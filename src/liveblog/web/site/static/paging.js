/** Older entries, and on a page about an old one newer ones, read as the reader comes near the end of what is there. */

import { el } from "./element.js";
import { read } from "./reading.js";

const SIDES = { next: "older", previous: "newer" };
const MOST = 100;

export class Paging {
  #blog;
  #near;
  #reading = {};
  #navs = {};

  constructor(blog) {
    this.#blog = blog;
    const { list, words } = blog;
    for (const old of list.element.querySelectorAll(".paging")) old.remove();
    for (const [side, name] of Object.entries(SIDES)) {
      const button = el("button", { type: "button" }, words.say(`reader.${name}`));
      button.addEventListener("click", () => this.read(side));
      this.#navs[side] = el(`nav.paging.${name}`, { "aria-label": words.say(`reader.${name}`) }, button);
      if (side === "next") list.element.append(this.#navs[side]);
      else list.element.prepend(this.#navs[side]);
    }
    const newest = el("button", { type: "button" }, words.say("reader.newest"));
    newest.addEventListener("click", () => blog.newest());
    this.#navs.previous.prepend(newest, " ");
    this.#near = new IntersectionObserver((rows) => rows.at(-1).isIntersecting && this.read("next"), { rootMargin: "600px" });
    this.#near.observe(this.#navs.next);
    this.show();
  }

  show() {
    for (const [side, nav] of Object.entries(this.#navs)) nav.hidden = !this.#blog.book[side];
  }

  /** Read the page beside what is there, and put it there; one at a time. */
  async read(side) {
    const { book, src, list, eye } = this.#blog;
    if (!book[side] || this.#reading[side] === book.generation) return;
    const { generation } = book;
    this.#reading[side] = generation;
    this.#navs[side].setAttribute("aria-busy", "true");
    try {
      const page = await read(`${src}/entries`, { cursor: book[side], limit: MOST, ...this.#blog.moment(book.position) });
      if (generation !== book.generation) return;
      const ids = book.add(page, side);
      eye.keep(() => list.update(ids, true));
    } catch {
      // The key is still there to try again; so is the next time that somebody comes near.
    } finally {
      if (this.#reading[side] === generation) this.#reading[side] = null;
      this.#navs[side].removeAttribute("aria-busy");
      this.show();
      this.#blog.pill.show();
    }
    if (side === "next") {
      this.#near.unobserve(this.#navs.next);
      this.#near.observe(this.#navs.next); // tells again whether the end is near
    }
  }

  close() {
    this.#near.disconnect();
  }
}
