/**
 * What was sent and is not known to have arrived.
 *
 * Each request is kept in the browser under its Idempotency-Key before it leaves, and sent again under the same key,
 * also after a reload, until the server says yes or no. So nothing is lost, and nothing is done twice.
 */

import { Refusal } from "./api.js";
import { inTurn, shelf, uuid } from "./browser.js";

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

export class Outbox extends EventTarget {
  #api;
  #prefix;
  #sending = new Map();
  #hurry = new EventTarget();

  /**
   * @param {import("./api.js").Api} api
   * @param {string} prefix of the blog and the person, under which the browser keeps it
   */
  constructor(api, prefix) {
    super();
    this.#api = api;
    this.#prefix = `${prefix}:`;
    addEventListener("online", () => this.hurry());
  }

  /** How many of this tab's requests have no answer yet. */
  get waiting() {
    return this.#sending.size;
  }

  /** What the browser keeps of all tabs' requests, and of tabs that are closed. */
  left() {
    return shelf.names(this.#prefix).map((name) => shelf.read(name)).filter(Boolean);
  }

  /** Try again at once. */
  hurry() {
    this.#hurry.dispatchEvent(new Event("now"));
  }

  /**
   * Send a request until its answer is known.
   *
   * @param {string} path
   * @param {any} body
   * @param {object} about comes back with the answer, also after a reload: what the request was about
   * @returns {Promise<any>} the answer
   * @throws {Refusal} the server said no
   */
  send(path, body, about = {}) {
    const item = { key: uuid(), path, body, about, at: Date.now() };
    shelf.write(this.#prefix + item.key, item);
    return inTurn(this.#prefix + item.key, () => this.#untilKnown(item));
  }

  /**
   * After a reload: go on with what is left. Each is told by a `settled` event with item, answer and refusal; neither
   * where another tab was told.
   */
  resume() {
    for (const item of this.left()) {
      const name = this.#prefix + item.key;
      // Of several tabs one sends; the others find it gone when they get their turn.
      inTurn(name, async () => {
        if (shelf.read(name) === null) return this.#tell("settled", { item, answer: null, refusal: null });
        const [answer, refusal] = await this.#untilKnown(item).then((said) => [said, null], (no) => [null, no]);
        this.#tell("settled", { item, answer, refusal });
      });
    }
  }

  async #untilKnown(item) {
    this.#sending.set(item.key, item);
    this.#tell("change");
    try {
      for (let pause = FIRST_MS; ; pause = Math.min(2 * pause, LONGEST_MS)) {
        try {
          return await this.#api.ask("POST", item.path, { body: item.body, key: item.key });
        } catch (error) {
          if (error instanceof Refusal) throw error;
          this.#tell("delayed", { item });
          await this.#rest(pause);
        }
      }
    } finally {
      shelf.drop(this.#prefix + item.key);
      this.#sending.delete(item.key);
      this.#tell("known", { item });
      this.#tell("change");
    }
  }

  #rest(pause) {
    return new Promise((done) => {
      const timer = setTimeout(done, pause * (0.75 + Math.random() / 2));
      this.#hurry.addEventListener("now", () => (clearTimeout(timer), done()), { once: true });
    });
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
