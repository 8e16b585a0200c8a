/** What a script adds to an entry: sharing its address, and on demand what was changed in it. */

import { el } from "./element.js";
import { read } from "./reading.js";
import { share } from "./share.js";

const SAID_MS = 4_000;
const isChanged = (entry) => !entry.retracted && !entry.redacted && (entry.corrections.length > 0 || entry.revision > 1);

/** Gives entries their tools, and remembers of which ones the changes are open. */
export class Tools {
  #blog;
  #open = new Set();
  #histories = new Map();

  constructor(blog) {
    this.#blog = blog;
  }

  /** Add the tools to an entry's element. */
  add(made, entry) {
    const { words } = this.#blog;
    const button = (name, act) => {
      const key = el(`button.${name}`, { type: "button" }, words.say(`live.${name}`));
      key.addEventListener("click", () => act(key));
      return key;
    };
    const tools = el("div.tools.live");
    const panel = el("div.history", { hidden: true });
    if (isChanged(entry)) {
      const toggle = button("changes", () => this.#toggle(entry.id, toggle, panel));
      toggle.setAttribute("aria-expanded", "false");
      tools.append(toggle);
    }
    if (!entry.retracted) tools.append(button("share", (key) => this.#share(entry, key)));
    if (tools.children.length) tools.append(panel);
    made.querySelector(".entry-main").append(tools);
    if (this.#open.has(entry.id) && isChanged(entry)) this.#show(entry.id, tools.querySelector("button.changes"), panel);
    return made;
  }

  async #share(entry, key) {
    const { words, announcer } = this.#blog;
    const url = new URL(this.#blog.address(entry.id), document.baseURI).href;
    const outcome = await share({ title: entry.headline ?? this.#blog.book.header.headline, url });
    if (outcome === "shared") return;
    key.textContent = words.say(`live.${outcome}`);
    announcer.say(key.textContent);
    setTimeout(() => (key.textContent = words.say("live.share")), SAID_MS);
  }

  #toggle(id, toggle, panel) {
    if (panel.hidden) return this.#show(id, toggle, panel);
    this.#open.delete(id);
    toggle.setAttribute("aria-expanded", "false");
    panel.hidden = true;
  }

  async #show(id, toggle, panel) {
    const { src, book, words, times, eye } = this.#blog;
    this.#open.add(id);
    toggle.setAttribute("aria-expanded", "true");
    const put = (...children) => eye.keep(() => {
      panel.replaceChildren(...children);
      panel.hidden = false;
    });
    const known = this.#histories.get(id);
    const wanted = book.get(id)?.position ?? 0;
    try {
      // A replay needs no newer history than one that reaches beyond its moment.
      const history = known?.position >= wanted ? known : await read(`${src}/entries/${id}`);
      this.#histories.set(id, history);
      const { redline } = await import("./redline.js");
      const lines = redline(history, book.position, words);
      times.show(lines);
      put(lines);
    } catch {
      put(el("p.fault", {}, words.say("live.unread")));
    }
  }
}
