/**
 * What is being written, kept in the browser at each keystroke: the net under the drafts that the server keeps.
 *
 * A copy belongs to the tab that writes it, which holds its name for as long as it lives; what a closed tab left behind
 * is free for the next one.
 */

import { hold, shelf } from "./browser.js";

export class Copies {
  #prefix;

  /** @param {string} prefix of the blog and the person */
  constructor(prefix) {
    this.#prefix = `${prefix}:`;
  }

  /**
   * @param {string} id
   * @param {{command: object, draft: object|null, base: object|null, dirty: boolean}} copy
   * @returns {boolean} whether the browser keeps it
   */
  keep(id, copy) {
    return shelf.write(this.#prefix + id, { ...copy, at: Date.now() });
  }

  read(id) {
    return shelf.read(this.#prefix + id);
  }

  drop(id) {
    shelf.drop(this.#prefix + id);
  }

  /** Hold an id for this tab: the way to let go of it, or null if another tab holds it. */
  hold(id) {
    return hold(this.#prefix + id);
  }

  /** The copies that no open tab writes, the newest first, each held from now on: `{id, copy, release}`. */
  async orphans() {
    const ids = shelf.names(this.#prefix).map((name) => name.slice(this.#prefix.length));
    const held = await Promise.all(ids.map(async (id) => ({ id, release: await this.hold(id) })));
    const found = [];
    for (const { id, release } of held) {
      const copy = release && this.read(id);
      if (copy?.command) found.push({ id, copy, release });
      else release?.();
    }
    return found.sort((one, other) => other.copy.at - one.copy.at);
  }
}
