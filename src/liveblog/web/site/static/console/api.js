/**
 * Requests to the newsroom's routes: JSON in, JSON out.
 *
 * A refusal is an exception that holds what the server said. Where nobody is signed in any more, the person is asked
 * to sign in and the request is sent again, so that nothing which waits for an answer has to know of it.
 */

const PATIENCE_MS = 15_000;

/** The server understood, and said no. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.code);
    this.status = status;
    this.code = problem.code;
    this.problem = problem;
  }
}

/** Nobody knows what became of the request: no answer came, or one that says to try again. */
export class Unknown extends Error {}

const TRY_AGAIN = new Set([408, 429, 500, 502, 503, 504]);

export class Api {
  #signIn;
  #signingIn = null;

  /** @param {() => Promise<void>} signIn asks the person to sign in; resolves when done. */
  constructor(signIn) {
    this.#signIn = signIn;
  }

  get(path) {
    return this.ask("GET", path);
  }

  /**
   * Send a request and read the answer.
   *
   * @param {string} method
   * @param {string} path
   * @param {{body?: any, key?: string}} given what to send, and the Idempotency-Key to send it under
   * @returns {Promise<any>} the answer's JSON; null where it has none
   * @throws {Refusal|Unknown}
   */
  async ask(method, path, { body, key } = {}) {
    for (;;) {
      const answer = await this.#once(method, path, body, key);
      if (answer.status !== 401) return this.#read(answer);
      this.#signingIn ??= this.#signIn().finally(() => (this.#signingIn = null));
      await this.#signingIn;
    }
  }

  /** Send what must not be waited for, since the page is being left. */
  leave(path, body) {
    navigator.sendBeacon(path, new Blob([JSON.stringify(body)], { type: "application/json" }));
  }

  async #once(method, path, body, key) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (key !== undefined) headers["Idempotency-Key"] = key;
    try {
      return await fetch(path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch (error) {
      throw new Unknown(error.message);
    }
  }

  async #read(answer) {
    let said = null;
    try {
      const text = await answer.text();
      said = text ? JSON.parse(text) : null;
    } catch (error) {
      if (answer.ok) throw new Unknown(error.message);
    }
    if (answer.ok) return said;
    if (TRY_AGAIN.has(answer.status)) throw new Unknown(said?.detail ?? String(answer.status));
    throw new Refusal(answer.status, said ?? { code: "unreadable", detail: `HTTP ${answer.status}` });
  }
}
