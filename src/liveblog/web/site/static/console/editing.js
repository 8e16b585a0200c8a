/** An entry that is revised or corrected, in a dialog: the form at one side, before and after at the other. */

import { prepare } from "./asking.js";
import { fieldsOf } from "./command.js";
import { showSides } from "./redline.js";
import { Writing } from "./writing.js";

const PAUSE_MS = 150;

export class Editing extends EventTarget {
  #desk;
  #dialog;
  #timer = 0;

  writing;

  constructor(desk, dialog) {
    super();
    this.#desk = desk;
    this.#dialog = dialog;
    this.writing = new Writing(desk, dialog.querySelector("[data-entry-form]"));
    prepare(dialog);
    dialog.addEventListener("close", () => this.#closed());
    for (const done of ["published", "discarded", "handed"])
      this.writing.addEventListener(done, () => dialog.close());
    this.writing.addEventListener("rebased", () => this.#say(""));
    for (const news of ["changed", "rebased"]) this.writing.addEventListener(news, () => this.#later());
  }

  /** The entry that is edited now, if any. */
  get entry() {
    return this.#dialog.open ? this.writing.keeping.base : null;
  }

  /**
   * Edit an entry.
   *
   * @param {"revise_entry"|"correct_entry"} type
   * @param {object} entry
   * @param {{command?: object, draft?: object, id?: string, dirty?: boolean, release?: () => void}} [given] writing that was begun before
   */
  async open(type, entry, given = {}) {
    const { words } = this.#desk;
    const title = this.#dialog.querySelector("#editing-title");
    title.textContent = words.say(`console.editing_${type}`, { title: this.#desk.titleOf(entry) });
    this.#say("");
    const begun = this.writing.begin({ type, base: entry, ...given });
    if (!this.#dialog.open) this.#dialog.showModal();
    this.writing.focus();
    await begun;
    this.#draw();
    this.#desk.presence.edit({ kind: type === "correct_entry" ? "correction" : "entry", id: entry.id });
    const begunOn = given.command?.expected_revision ?? entry.revision;
    if (begunOn !== entry.revision) this.#say(words.say("console.older_base"));
    this.noticeOf(this.#desk.book.get(entry.id));
  }

  /** The entry was changed by somebody while it is edited here: say so before it is sent. */
  noticeOf(entry) {
    const base = this.entry;
    if (!base || !entry || entry.id !== base.id || this.writing.busy) return;
    if (entry.revision === base.revision) return;
    const { words } = this.#desk;
    this.#say(words.say("console.meanwhile", { name: this.#desk.whoTouched(entry.id) ?? words.say("console.somebody") }));
  }

  #say(text) {
    const place = this.#dialog.querySelector(".meanwhile");
    place.textContent = text;
    place.hidden = text === "";
  }

  /** Say who else edits the same entry. */
  showOthers() {
    const entry = this.entry;
    const place = this.#dialog.querySelector(".others");
    if (!entry || place.querySelector(".theirs")) return;
    place.textContent = this.#desk.editors(entry.id, "console.also_editing");
    place.hidden = place.textContent === "";
  }

  /** What was written is kept: in the browser, and as a draft. */
  async #closed() {
    this.#desk.presence.edit(null);
    const { keeping } = this.writing;
    if (keeping.base === null) return;
    if (this.writing.busy) {
      // It is on its way: what is kept of it goes when the answer is known.
      await keeping.begin();
      this.writing.await(false);
      return;
    }
    if (keeping.draft === null && !this.writing.says) this.#desk.copies.drop(keeping.id);
    else {
      await keeping.flush().catch(() => {});
      if (keeping.draft) {
        this.#desk.copies.drop(keeping.id);
        this.#desk.notices.say(this.#desk.words.say("console.closed_draft"));
      }
    }
    await keeping.begin();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#draw(), PAUSE_MS);
  }

  #draw() {
    const { base } = this.writing.keeping;
    if (base === null) return;
    const places = { before: this.#dialog.querySelector("[data-before]"), after: this.#dialog.querySelector("[data-after]") };
    showSides(fieldsOf(base), this.writing.fields, this.#desk.labels, places);
  }
}
