/** What was done, said politely and for a while, with the way back where the log has one. */

import { el } from "../element.js";

const STAY_MS = 12_000;
const MOST = 4;

export class Notices {
  #root;
  #words;

  /** @param {HTMLElement} root a live region */
  constructor(root, words) {
    this.#root = root;
    this.#words = words;
  }

  /**
   * @param {string} text
   * @param {{undo?: () => void, actions?: {label: string, run: () => void}[], stays?: boolean}} given
   * @returns {HTMLElement} the notice, to be removed when it no longer holds
   */
  say(text, { undo, actions = [], stays = false } = {}) {
    const notice = el("p.notice", {}, text);
    for (const { label, run } of undo ? [{ label: this.#words.say("console.undo"), run: undo }] : actions) {
      const button = el("button", { type: "button" }, label);
      button.addEventListener("click", () => {
        if (!stays) notice.remove();
        run();
      });
      notice.append(" ", button);
    }
    // A word that stays can be put away by hand.
    if (stays) {
      const button = el("button", { type: "button", "aria-label": this.#words.say("console.close") }, "×");
      button.addEventListener("click", () => notice.remove());
      notice.append(" ", button);
    }
    this.#root.append(notice);
    while (this.#root.children.length > MOST) this.#root.firstElementChild.remove();
    if (!stays) this.#leave(notice);
    return notice;
  }

  /** Go after a while, but not under a hand or the keyboard. */
  #leave(notice) {
    setTimeout(() => (notice.matches(":hover, :focus-within") ? this.#leave(notice) : notice.remove()), STAY_MS);
  }
}
