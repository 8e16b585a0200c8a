/** Who else is at this desk, and what they are writing or editing right now. */

import { uuid } from "./browser.js";

const EVERY_MS = 5_000;

export class Presence extends EventTarget {
  #api;
  #path;
  #me;
  #tab = uuid();
  #editing = null;
  #timer = 0;
  #present = [];

  constructor(api, path, me) {
    super();
    this.#api = api;
    this.#path = path;
    this.#me = me;
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", (event) => event.persisted && this.tell());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.tell());
  }

  /** Say what this tab edits: `{kind, id}`, or null for nothing. */
  edit(editing) {
    if (JSON.stringify(editing) === JSON.stringify(this.#editing)) return;
    this.#editing = editing;
    this.tell();
  }

  /** Everybody else who is here; another tab of one's own is somebody else too. */
  get others() {
    return this.#present.filter((each) => each.tab !== this.#tab);
  }

  /** Those who edit one thing. */
  at(kind, id) {
    return this.others.filter(({ editing }) => editing?.kind === kind && (id === undefined || editing.id === id));
  }

  /** Tell the server at once, and again every few seconds. */
  async tell() {
    clearTimeout(this.#timer);
    try {
      const said = await this.#api.ask("PUT", this.#path, { body: { tab: this.#tab, editing: this.#editing } });
      this.#present = said.present;
      this.dispatchEvent(new CustomEvent("change", { detail: said }));
    } catch {
      // Who is here is not known for a moment. What matters says so itself.
      this.#present = [];
      this.dispatchEvent(new CustomEvent("change", { detail: null }));
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.tell(), EVERY_MS);
  }

  #leave() {
    clearTimeout(this.#timer);
    this.#api.leave(`${this.#path}/leave`, { tab: this.#tab });
  }

  /** Whether somebody present is this very person, in another tab. */
  isMe(each) {
    return each.actor.id === this.#me;
  }
}
