/**
 * The way to the time machine where it was not asked for: in a page of somebody else it is fetched when it is opened,
 * so that what most readers never open costs that page nothing.
 */
import { el } from "./element.js";
import { dress } from "./sections.js";

/** Fetch the time machine's sheet and script, and put it at the foot of the coverage. */
export async function bring(blog) {
  dress(blog.shadowRoot ?? document.head, "machine.css");
  const { Machine } = await import("./machine/machine.js");
  return (blog.machine = new Machine(blog));
}

export class Gate {
  #blog;
  #stop = new AbortController();

  /** @param {HTMLElement} blog The live-blog element. */
  constructor(blog) {
    this.#blog = blog;
    const { signal } = this.#stop;
    this.key = el("button", { type: "button" });
    this.key.addEventListener("click", () => this.#open(), { signal });
    this.element = el("div.gate.live", {}, this.key);
    blog.addEventListener("lb-change", () => this.#name(), { signal });
    this.#name();
    blog.root.append(this.element);
  }

  close() {
    this.#stop.abort();
    this.element.remove();
    this.#blog.machine?.close();
    this.#blog.machine = null;
  }

  #name() {
    const text = this.#blog.words.say(`machine.${this.#ended ? "watch" : "open"}`);
    if (this.key.textContent !== text) this.key.textContent = text;
  }

  get #ended() {
    return this.#blog.book.header?.status === "ended";
  }

  async #open() {
    this.key.disabled = true;
    const { signal } = this.#stop;
    try {
      const machine = await bring(this.#blog);
      if (signal.aborted) return machine.close();
      this.element.remove();
      await machine.unfold(true);
      if (this.#ended) machine.play();
      machine.panel.opener.focus();
    } catch {
      this.key.disabled = false; // it could not be fetched: to be tried again
    }
  }
}
