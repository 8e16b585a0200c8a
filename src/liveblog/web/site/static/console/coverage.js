/** What has been said, the newest first, each with what may be done about it. */

import { article } from "../entry.js";
import { el } from "../element.js";

const FLAGS = [
  ["breaking", "flag_breaking", "clear_breaking"],
  ["pinned", "pin_entry", "unpin_entry"],
  ["key_event", "mark_key_event", "unmark_key_event"],
];
const KEYS = { e: "revise", c: "correct", r: "retract", b: "breaking", p: "pinned", k: "key_event" };

export class Coverage {
  #desk;
  #root;
  #items = new Map();
  #own = new Map();

  constructor(desk, root) {
    this.#desk = desk;
    this.#root = root;
    root.addEventListener("click", ({ target }) => {
      const button = target.closest("button[data-do]");
      if (button) this.#do(button.dataset.do, button.closest("[data-entry]").dataset.entry);
    });
    root.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Show the book's entries; only those that changed are made anew. */
  draw(changed = null) {
    const { entries } = this.#desk.book;
    const wanted = new Set(entries.map((entry) => entry.id));
    for (const [id, item] of this.#items) if (!wanted.has(id)) (item.remove(), this.#items.delete(id));
    let before = this.#root.firstElementChild;
    for (const entry of entries) {
      let item = this.#items.get(entry.id);
      if (!item) {
        item = el("li.item", { "data-entry": entry.id, tabindex: 0 });
        this.#items.set(entry.id, item);
        this.#fill(item, entry);
      } else if (changed === null || changed.has(entry.id)) this.#fill(item, entry);
      if (item === before) before = before.nextElementSibling;
      else this.#root.insertBefore(item, before);
    }
  }

  /** Say at each entry who edits it. */
  showOthers() {
    for (const [id, item] of this.#items) {
      const place = item.querySelector(".others");
      place.textContent = this.#desk.editors(id, "console.editing_now");
      place.hidden = place.textContent === "";
    }
  }

  #fill(item, entry) {
    const { words, slug } = this.#desk;
    const focused = item.contains(document.activeElement) ? document.activeElement.dataset.do : undefined;
    const page = { words, address: (id) => `/${slug}/entries/${id}`, marked: null };
    const shown = article(entry, page, "coverage");
    shown.removeAttribute("tabindex");
    this.#desk.dress(shown, entry);
    const actions = el("p.actions", {});
    const others = el("p.others", { hidden: true });
    item.replaceChildren(el("div.lb", {}, shown), others, actions);
    item.setAttribute("aria-label", this.#desk.titleOf(entry));
    this.#arm(actions, entry);
    if (focused !== undefined) (actions.querySelector(`[data-do="${focused}"]`) ?? item).focus();
  }

  /** Offer what this person may do with the entry. */
  async #arm(place, entry) {
    const { words, me } = this.#desk;
    const editor = me.role !== "author";
    if (entry.retracted || entry.redacted) return;
    if (!editor && !(await this.#isOwn(entry))) return;
    const button = (todo, given = {}) => [el("button.small", { type: "button", "data-do": todo, ...given }, words.say(`console.${todo}`)), " "];
    place.append(...["revise", "correct", "retract"].flatMap((todo) => button(todo)));
    if (editor) place.append(...FLAGS.flatMap(([flag]) => button(flag, { "aria-pressed": String(entry[flag]) })));
  }

  /** Whether the entry is this actor's: who published it stands in its history. */
  async #isOwn(entry) {
    if (!this.#own.has(entry.id)) {
      const path = `/v1/blogs/${this.#desk.slug}/entries/${entry.id}`;
      this.#own.set(entry.id, this.#desk.api.get(path).then(({ history }) => history[0].by === this.#desk.me.name, () => false));
    }
    return this.#own.get(entry.id);
  }

  #key(event) {
    const item = event.target.closest("[data-entry]");
    // Single keys hold only where the focus is on an entry itself, never where one writes.
    if (!item || event.target !== item || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step) {
      event.preventDefault();
      item[step]?.focus();
    } else if (KEYS[event.key] && item.querySelector(`[data-do="${KEYS[event.key]}"]`)) {
      event.preventDefault();
      this.#do(KEYS[event.key], item.dataset.entry);
    }
  }

  async #do(todo, id) {
    const entry = this.#desk.book.get(id);
    if (todo === "revise" || todo === "correct") return this.#desk.edit(`${todo}_entry`, entry);
    if (todo === "retract") return this.#retract(entry);
    const [, set, clear] = FLAGS.find(([flag]) => flag === todo);
    const [now, back] = entry[todo] ? [clear, set] : [set, clear];
    await this.#desk.act({ type: now, entry_id: id, expected_revision: entry.revision }, { undo: () => this.#desk.act({ type: back, entry_id: id, expected_revision: entry.revision }) });
  }

  async #retract(entry) {
    const { words } = this.#desk;
    const title = this.#desk.titleOf(entry);
    const reason = await this.#desk.asking.reason({
      title: words.say("console.retract_title", { title }),
      text: words.say("console.retract_text"),
      yes: words.say("console.retract"),
      label: words.say("console.reason"),
    });
    if (reason !== null) await this.#desk.act({ type: "retract_entry", entry_id: entry.id, reason, expected_revision: entry.revision });
  }
}
