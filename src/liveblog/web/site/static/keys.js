/** The keyboard: from entry to entry, and what the keys are. Keys of one letter can be turned off (WCAG 2.1.4). */

import { el } from "./element.js";

const KEPT = "lb-keys-off";
const TYPED = "input, textarea, select, [contenteditable], [role=slider], dialog";
const KEYS = ["j", "k", "g", "G", "n", "?"];

export class Keys {
  #blog;
  #off = false;

  /**
   * @param {HTMLElement} blog The live-blog element.
   * @param {EventTarget} target Whose keys are heard: the page's if it is ours, else the coverage's own.
   * @param {AbortSignal} signal
   */
  constructor(blog, target, signal) {
    this.#blog = blog;
    try {
      this.#off = localStorage.getItem(KEPT) !== null;
    } catch {
      // storage is closed to us: the keys are on until they are turned off
    }
    const { words, announcer } = blog;
    const opener = el("button.help", { type: "button", "aria-haspopup": "dialog" }, words.say("live.help"));
    opener.addEventListener("click", () => this.#help());
    const silence = el("button.silence", { type: "button" });
    const draw = () => {
      silence.textContent = words.say(announcer.silent ? "live.silent" : "live.speaking");
      silence.setAttribute("aria-pressed", String(!announcer.silent));
    };
    silence.addEventListener("click", () => {
      announcer.silence(!announcer.silent);
      draw();
    });
    draw();
    const close = el("button", { type: "button", autofocus: true }, words.say("live.close"));
    close.addEventListener("click", () => this.dialog.close());
    const single = el("input", { type: "checkbox" });
    single.checked = !this.#off;
    single.addEventListener("change", () => this.#turn(!single.checked));
    this.element = el("div.controls.live", {}, opener, silence);
    this.dialog = el("dialog.keys.live", { "aria-label": words.say("live.help") },
      el("dl", {}, KEYS.map((key) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, words.say(`live.key_${key === "G" ? "last" : key === "?" ? "help" : key}`))])),
      el("label", {}, single, " ", words.say("live.single_keys")), close);
    target.addEventListener("keydown", (event) => this.#press(event), { signal });
  }

  #turn(off) {
    this.#off = off;
    try {
      if (off) localStorage.setItem(KEPT, "");
      else localStorage.removeItem(KEPT);
    } catch {
      // as above
    }
  }

  #help() {
    if (!this.dialog.open) this.dialog.showModal();
  }

  #press(event) {
    if (this.#off || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const [at] = event.composedPath();
    if (at.closest?.(TYPED)) return;
    const act = {
      j: () => this.#move(1),
      k: () => this.#move(-1),
      g: () => this.#go(this.#entries().at(0)),
      G: () => this.#go(this.#entries().at(-1)),
      n: () => this.#blog.pill.element.hidden || this.#blog.pill.element.click(),
      "?": () => this.#help(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #entries() {
    return [...this.#blog.root.querySelectorAll(".coverage .entry")];
  }

  /** From the entry that has the focus; from the first in sight where none has. */
  #move(by) {
    const entries = this.#entries();
    const { eye, root } = this.#blog;
    const active = root.getRootNode().activeElement?.closest(".coverage .entry");
    const at = entries.indexOf(active);
    if (at >= 0) return this.#go(entries[at + by]);
    const first = entries.findIndex((entry) => eye.where(entry.getBoundingClientRect().top) >= 0);
    return this.#go(entries[by > 0 ? first : first - 1] ?? entries.at(by > 0 ? -1 : 0));
  }

  #go(entry) {
    if (entry) this.#blog.eye.go(entry);
  }
}
