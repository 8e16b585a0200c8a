/** What is said to those who hear the page: politely, a few at a time, and not at all once it was silenced. */

import { el } from "./element.js";
import { title } from "./header.js";

const KEPT = "lb-silent";
const PAUSE_MS = 1_000;

export class Announcer {
  #queue = [];
  #timer = 0;

  constructor() {
    this.element = el("p.visually-hidden.live.announcer", { "aria-live": "polite", role: "status" });
    try {
      this.silent = localStorage.getItem(KEPT) !== null;
    } catch {
      this.silent = false; // storage is closed to us: nothing is remembered
    }
  }

  /** Silence it, or let it speak again; remembered where the browser lets us. */
  silence(silent) {
    this.silent = silent;
    this.#queue = [];
    if (silent) this.element.textContent = "";
    try {
      if (silent) localStorage.setItem(KEPT, "");
      else localStorage.removeItem(KEPT);
    } catch {
      // as above
    }
  }

  /** Say something soon; of what comes at once, the newest three are said. */
  say(text) {
    if (this.silent) return;
    this.#queue = [...this.#queue.filter((each) => each !== text), text].slice(-3);
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.element.textContent = this.#queue.join(" ");
      this.#queue = [];
    }, PAUSE_MS);
  }

  /** Say what happened to an entry. */
  tell(before, entry, words) {
    const of = (key) => this.say(words.say(`live.said_${key}`, { title: title(entry, words) }));
    if (entry.retracted) of("retracted");
    else if (entry.breaking && !before?.breaking) of("breaking");
    else if (!before) of("new");
    else if (entry.corrections.length > before.corrections.length) of("corrected");
  }
}
