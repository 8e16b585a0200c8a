/** How many entries came that the reader has not seen, and where; pressed, it goes there. */

import { el } from "./element.js";
import { title } from "./header.js";

export class Pill {
  #blog;

  constructor(blog) {
    this.#blog = blog;
    this.element = el("button.pill.live", { type: "button", hidden: true });
    this.element.addEventListener("click", () => this.#go());
  }

  show() {
    const { list, book, words, eye } = this.#blog;
    const n = list.unseen.size + book.newer;
    this.element.hidden = n === 0;
    if (!n) return;
    const breaking = [...list.unseen].map((id) => book.get(id)).find((entry) => entry?.breaking);
    const shown = list.firstUnseen;
    const below = !list.held.size && !book.newer && shown && eye.where(shown.getBoundingClientRect().top) > 0;
    const text = words.say(book.newer ? "live.new_elsewhere" : below ? "live.new_below" : "live.new_above", { n });
    this.element.classList.toggle("below", Boolean(below));
    const parts = [
      breaking && el("span.label.label-breaking", {}, words.say("reader.breaking")),
      breaking && el("span.pill-headline", {}, title(breaking, words)),
      el("span.pill-count", {}, text),
    ].filter(Boolean);
    if (parts.map((part) => part.textContent).join() === [...this.element.children].map((part) => part.textContent).join()) return;
    this.element.classList.toggle("breaking", Boolean(breaking));
    this.element.replaceChildren(...parts);
  }

  async #go() {
    const { list, book, eye } = this.#blog;
    if (book.newer) await this.#blog.newest();
    list.release(true);
    const newest = list.firstUnseen ?? list.entries.querySelector(".entry");
    list.unseen.clear();
    this.#blog.sections();
    this.show();
    if (newest) eye.go(newest);
  }
}
