/** The key events by name, the newest first, to jump between, as templates/_turns.html makes them. */

import { el, instant } from "./element.js";
import { title } from "./header.js";
import { read } from "./reading.js";

const MOST = 100;

export class Turns {
  #known = new Map();
  #whole = false; // until they are read, what the server's page shows is left as it is

  /** Read those that the book does not hold; resolves to whether there is something to show anew. */
  async load({ src, book, moment }) {
    this.#whole = !book.next && !book.previous;
    this.#known.clear();
    for (const entry of book.entries) this.note(entry);
    if (this.#whole) return true;
    const { generation, position } = book;
    const page = await read(`${src}/entries`, { only: "key", limit: MOST, ...moment(position) });
    if (generation !== book.generation) return false;
    for (const entry of page.entries) this.note(entry);
    this.#whole = true;
    return true;
  }

  /** Take in an entry's document, marked or not. */
  note(entry) {
    if (this.#known.get(entry.id)?.position > entry.position) return;
    if (entry.key_event) this.#known.set(entry.id, entry);
    else this.#known.delete(entry.id);
  }

  /** @returns {HTMLElement|false|null} Null: not known yet. */
  show(blog) {
    if (!this.#whole) return null;
    const { words, list } = blog;
    const shown = [...this.#known.values()].filter(({ id }) => !list.unseen.has(id))
      .sort((a, b) => (a.published_at < b.published_at ? 1 : a.published_at > b.published_at ? -1 : b.first_position - a.first_position))
      .slice(0, MOST);
    return shown.length > 0 && el("nav.turns", { "aria-label": words.say("reader.key_events") },
      el("details", { open: true }, el("summary", {}, words.say("reader.key_events")),
        el("ol", {}, shown.map((entry) => el("li", { "data-id": entry.id },
          el("a", { href: blog.address(entry.id, true) }, instant(entry.published_at), " ", title(entry, words)))))));
  }
}
