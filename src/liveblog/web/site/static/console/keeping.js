/**
 * What is being written, kept: at once in the browser, and a moment later on the server as a draft of the blog.
 *
 * One piece of writing has one id, under which the browser keeps it and the server its draft, so that it can be sent
 * twice and is kept once.
 */

import { Refusal } from "./api.js";
import { uuid } from "./browser.js";
import { says } from "./command.js";

const PAUSE_MS = 800;
const AGAIN_MS = 5_000;

export class Keeping extends EventTarget {
  #desk;
  #timer = 0;
  #saving = null;
  #release = null;
  #dirty = false;

  id = uuid();
  /** The draft as the server said it last; null while it has none. */
  draft = null;
  /** The entry that is changed, as it was when the writer began. */
  base = null;
  command = null;

  constructor(desk) {
    super();
    this.#desk = desk;
  }

  /** Begin another piece of writing, or go on with one. What was before stays where it is. */
  async begin({ id, draft = null, base = null, command = null, dirty = false, release = null } = {}) {
    clearTimeout(this.#timer);
    this.#release?.();
    this.#release = release;
    this.id = draft?.id ?? id ?? uuid();
    Object.assign(this, { draft, base, command });
    this.#dirty = dirty;
    this.#tell(draft ? "kept" : "empty");
    const mine = this.id;
    if (release === null) {
      const held = await this.#desk.copies.hold(mine);
      if (this.id === mine) this.#release = held;
      else held?.();
    }
    if (dirty) this.#later(0);
  }

  /** Keep what the form says now. */
  note(command) {
    this.command = command;
    if (!says(command) && this.draft === null) {
      this.#desk.copies.drop(this.id);
      this.#dirty = false;
      clearTimeout(this.#timer);
      return;
    }
    this.#dirty = true;
    this.#copy();
    this.#tell("writing");
    this.#later(PAUSE_MS);
  }

  /** Save now; resolves when the server has it. */
  async flush() {
    clearTimeout(this.#timer);
    await this.#saving;
    if (this.#dirty) await this.#save();
    return this.draft;
  }

  /** No more saving by itself: it is about to be published. */
  async rest() {
    clearTimeout(this.#timer);
    await this.#saving?.catch(() => {});
  }

  /** It is out, or not wanted any more: nothing of it is kept. */
  async end() {
    clearTimeout(this.#timer);
    this.#dirty = false;
    this.#desk.copies.drop(this.id);
    const draft = this.draft;
    if (draft) this.#desk.drafts.remove(draft).catch(() => {}); // the list of drafts sees to it later
    await this.begin();
  }

  /** Take the server's newest for what this goes on from. */
  rebase(draft) {
    this.draft = draft;
    this.#copy();
  }

  #copy() {
    const { command, draft, base } = this;
    this.#desk.copies.keep(this.id, { command, base, draft, dirty: this.#dirty });
  }

  #later(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save().catch(() => {}), pause);
  }

  #save() {
    this.#saving = (this.#saving ?? Promise.resolve()).catch(() => {}).then(() => this.#send());
    return this.#saving;
  }

  async #send() {
    if (!this.#dirty) return;
    const { id, command, draft } = this;
    this.#dirty = false;
    try {
      const saved = await (draft
        ? this.#desk.api.ask("PUT", this.#desk.path(`drafts/${draft.id}`), { body: { revision: draft.revision, command } })
        : this.#desk.api.ask("POST", this.#desk.path("drafts"), { body: { id, command } }));
      if (this.id !== id) return;
      this.draft = saved;
      this.#copy();
      if (this.#dirty) this.#later(PAUSE_MS);
      else this.#tell("kept");
    } catch (error) {
      if (this.id !== id) return;
      this.#dirty = true;
      this.#copy();
      if (!(error instanceof Refusal)) {
        this.#tell("local");
        this.#later(AGAIN_MS);
      } else if (error.status === 404) {
        // Somebody threw the draft away. What is being written is still here, and a draft of its own from now on.
        this.draft = null;
        this.id = uuid();
        this.#desk.copies.drop(id);
        this.#copy();
        this.#later(0);
        error.told = true;
      } else if (error.code === "wrong_revision") {
        error.told = true;
        this.dispatchEvent(new CustomEvent("conflict", { detail: error.problem.draft }));
      } else {
        error.told = true;
        this.dispatchEvent(new CustomEvent("refused", { detail: error }));
      }
      throw error;
    }
  }

  #tell(state) {
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
