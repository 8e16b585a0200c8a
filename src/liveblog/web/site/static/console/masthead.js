/** The head of a desk: what the blog is called, how it stands, and the switch that ends and reopens it. */

const SWITCHES = [
  ["end", "live", "end_blog", "reopen_blog"],
  ["reopen", "ended", "reopen_blog", "end_blog"],
];

export class Masthead {
  #desk;
  #root;

  constructor(desk, root) {
    this.#desk = desk;
    this.#root = root;
    for (const [todo, , type, back] of SWITCHES)
      this.#button(todo)?.addEventListener("click", () => desk.act({ type }, { undo: () => desk.act({ type: back }) }));
  }

  draw() {
    const { book, words } = this.#desk;
    const { header, counts } = book;
    this.#root.querySelector("[data-headline]").textContent = header.headline;
    const status = this.#root.querySelector("[data-status]");
    status.textContent = words.say(`console.status_${header.status}`);
    status.dataset.status = header.status;
    this.#root.querySelector("[data-counts]").textContent = words.say("console.entries", { n: counts.entries });
    for (const [todo, shown] of SWITCHES) {
      const button = this.#button(todo);
      if (button) button.hidden = header.status !== shown;
    }
    document.querySelector("[data-do=older]").hidden = book.next === null;
  }

  #button(todo) {
    return this.#root.querySelector(`[data-do=${todo}]`);
  }
}
