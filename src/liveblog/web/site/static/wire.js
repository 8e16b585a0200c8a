/**
 * One stream of a blog's messages that comes back by itself, and misses nothing and repeats nothing.
 *
 * It keeps the epoch and the last position, and while the reader is in the past also the moment, speed and pause. What it
 * cannot mend (another copy of the log, a cursor that is void) it tells as `void`: read the blog again and `open` anew.
 *
 * Events, each with the message as `detail`: `subscribed snapshot event caught_up fell_behind playback heartbeat`,
 * besides `void` and `status`: {status: connecting | live | replaying | lost | over, code, message}.
 */

const FINAL = (code) => [1000, 1003, 1007, 1009].includes(code) || code >= 4500;
const VOID = (code) => code >= 4400 && code < 4500;

export class Wire extends EventTarget {
  #src;
  #socket = null;
  #timer = 0;
  #silence = 0;
  #attempts = 0;
  #asked = new Map();
  #number = 0;
  #fence = null; // the seek whose answer is awaited: what was sent before it is not for us any more
  #terms = { heartbeat_s: 15, reconnect: { min_ms: 500, max_ms: 30_000, first_jitter_ms: 1_000 } };
  #hints = new AbortController();
  #at = "";

  epoch = null;
  edition = null;
  position = 0;
  hash = null;
  status = "connecting";
  /** Where the reader is in the past, as a `seek`: {to, rate, paused}; null at the live edge. */
  moment = null;
  /** Seconds to which longer silences are shortened; from the next `open` or `reopen` on. */
  maxGap = null;
  /** When the server last said something, by `performance.now()`. */
  heard = performance.now();
  generation = 0;

  /** @param {string} src The blog's address in the API. */
  constructor(src) {
    super();
    this.#src = src;
  }

  /**
   * Begin where a document stood.
   * @param {{epoch: string, edition: string, position: number, hash: string, time: string}} from
   * @param {object} [moment] Where to be in the past instead: {to, rate, paused}.
   */
  open({ epoch, edition, position, hash, time }, moment = this.moment) {
    Object.assign(this, { epoch, edition, position, hash, moment });
    this.#at = time;
    if (this.#hints.signal.aborted) this.#hints = new AbortController();
    const { signal } = this.#hints;
    const hint = () => document.visibilityState === "visible" && this.#nudge();
    for (const [target, name] of [[window, "online"], [window, "pageshow"], [document, "visibilitychange"]])
      target.addEventListener(name, hint, { signal });
    this.#connect();
  }

  /** Connect anew from where it is, such as after a change of `maxGap`. */
  reopen() {
    this.#drop();
    this.#connect();
  }

  close() {
    this.#hints.abort();
    clearTimeout(this.#timer);
    this.#drop();
  }

  /**
   * Say something to the server.
   * @param {object} message A client message without `id`.
   * @returns {Promise<object>} The `playback` or `error` that answers it; `error` with code `lost` if none will come.
   */
  send(message) {
    const id = `m${(this.#number += 1)}`;
    const moves = message.type === "seek" || message.type === "go_live";
    const before = this.moment;
    if (moves) {
      const { to = "live", rate, paused = false } = message;
      this.moment = to === "live" ? null : { to, rate, paused };
    }
    if (this.#socket?.readyState !== WebSocket.OPEN) return Promise.resolve({ type: "error", code: "lost", re: id });
    if (moves) this.#fence = id;
    this.#socket.send(JSON.stringify({ ...message, id }));
    return new Promise((resolve) => {
      this.#asked.set(id, (answer) => {
        if (moves && answer.type === "error" && answer.code !== "lost") this.moment = before;
        resolve(answer);
      });
    });
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#drop();
    const url = new URL(`${this.#src}/stream`, document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const query = this.moment
      ? { from: "live" }
      : { from: this.position, epoch: this.epoch, ...(this.hash && { hash: this.hash }) };
    if (this.maxGap !== null) query.max_gap = this.maxGap;
    url.search = new URLSearchParams(query);
    if (this.moment) this.#fence = "moment";
    this.#say(this.status === "lost" ? "lost" : "connecting");
    let socket;
    try {
      socket = new WebSocket(url);
    } catch (error) {
      this.#say("over", { code: 0, message: String(error) });
      return;
    }
    this.#socket = socket;
    socket.onmessage = ({ data }) => socket === this.#socket && this.#hear(JSON.parse(data));
    socket.onclose = ({ code, reason }) => socket === this.#socket && this.#closed(code, reason);
    this.#listen();
  }

  /** Leave the socket, without waiting for a network that may be gone. */
  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#fence = null;
    clearTimeout(this.#silence);
    if (socket) socket.onmessage = socket.onclose = null;
    socket?.close();
    for (const [id, resolve] of this.#asked) resolve({ type: "error", code: "lost", re: id });
    this.#asked.clear();
  }

  #listen() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#closed(1006, ""), 2_000 * this.#terms.heartbeat_s);
  }

  #hear(message) {
    this.heard = performance.now();
    this.#listen();
    if (this[`_${message.type}`]?.(message) === false) return;
    this.#emit(message.type, message);
  }

  _subscribed(message) {
    const { heartbeat_s, reconnect } = message;
    this.#terms = { heartbeat_s, reconnect };
    this.#attempts = 0;
    if (message.epoch !== this.epoch || message.edition !== this.edition) {
      this.#voided();
      return false;
    }
    if (this.moment) this.#resume();
    else if (message.state === "live") this.#say("live");
  }

  async #resume() {
    const { to, rate, paused } = this.moment;
    const wanted = { type: "seek", to, paused };
    if (rate) wanted.rate = rate;
    const answer = await this.send(wanted);
    if (answer.type === "error" && answer.code !== "lost") this.#voided();
  }

  _event(message) {
    if (this.#fence || message.position <= this.position) return false;
    if (message.position > this.position + 1) {
      this.reopen(); // never of a right server
      return false;
    }
    this.position = message.position;
    this.hash = message.hash;
    this.#at = message.at;
    if (this.moment) this.moment.to = message.position;
  }

  _snapshot(message) {
    if (this.#fence) return false;
    this.position = message.position;
    this.#at = message.time;
    this.hash = message.state.hash;
    this.epoch = message.state.epoch;
    this.edition = message.state.edition;
  }

  _caught_up() {
    if (this.#fence) return false;
    this.moment = null;
    this.#say("live");
  }

  _fell_behind() {
    if (!this.moment) this.#say("connecting");
  }

  _playback(message) {
    const answers = message.re !== null && this.#asked.get(message.re);
    this.#asked.delete(message.re);
    const sought = message.re !== null && message.re === this.#fence;
    if (sought) this.#fence = null;
    if (!this.#fence && (this.moment || message.re !== null)) {
      this.generation = message.generation;
      if (message.state === "live") {
        this.moment = null;
        this.#say("live");
      } else {
        const rate = typeof message.rate === "number" ? message.rate : undefined;
        // A position says more than its instant, which it may share with others; a silence has instants only.
        const to = sought ? this.moment.to : message.time > this.#at ? message.time : this.position;
        this.moment = { to, rate, paused: message.state === "paused" };
        this.#say("replaying");
      }
    }
    if (answers) answers(message);
  }

  _error(message) {
    const answers = message.re !== null && this.#asked.get(message.re);
    this.#asked.delete(message.re);
    if (message.re !== null && message.re === this.#fence) this.#fence = null;
    if (answers) answers(message);
    else this.#refusal = message;
  }

  #refusal = null;

  #closed(code, reason) {
    const refusal = this.#refusal;
    this.#refusal = null;
    this.#drop();
    if (VOID(code)) return this.#voided();
    if (FINAL(code)) return this.#say("over", { code, message: refusal?.message ?? reason });
    const { min_ms, max_ms, first_jitter_ms } = this.#terms.reconnect;
    const most = this.#attempts ? Math.min(max_ms, min_ms * 2 ** this.#attempts) : first_jitter_ms;
    const least = this.#attempts ? min_ms : 0;
    this.#attempts += 1;
    this.#say("lost", { code, message: reason });
    this.#timer = setTimeout(() => this.#connect(), least + Math.random() * Math.max(0, most - least));
  }

  #voided() {
    this.#drop();
    this.#say("connecting");
    this.#emit("void", {});
  }

  /** The network or the reader is back: do not wait for timers, which may have slept. */
  #nudge() {
    const silent = performance.now() - this.heard > 2_000 * this.#terms.heartbeat_s;
    if (this.status === "lost" || (this.#socket && silent && this.status !== "over")) this.#connect();
  }

  #say(status, more = {}) {
    if (status === this.status && status !== "over") return;
    this.status = status;
    this.#emit("status", { status, ...more });
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
