/**
 * The moment that a page's address names: `?position=12` or `?time=…`, and `&rate=60` where it is to play from there.
 */
const SLOWEST = 0.1;
const FASTEST = 1000;
const PAUSE_MS = 300; // browsers refuse to be told another address too often

/** @returns {{to: number|string, rate: number|null}|null} What an address asks for; null: the blog as it is. */
export function asked({ search }) {
  const given = new URLSearchParams(search);
  const position = given.get("position");
  const to = /^[1-9]\d{0,15}$/.test(position ?? "") ? Number(position) : given.get("time");
  if (!to) return null;
  const rate = Number(given.get("rate"));
  return { to, rate: rate >= SLOWEST && rate <= FASTEST ? rate : null };
}

/** The reader's page's own address, which goes with the moment, so that a moment can be shared. */
export class Bookmark {
  #page;
  #put = null; // what is still to be put
  #timer = 0;

  constructor(page) {
    this.#page = page;
  }

  /** @returns {Bookmark|null} Of the reader's page, if this is one: an embedded blog leaves its host's address alone. */
  static of(src) {
    const page = new URL(`/${src.split("/").pop()}`, src);
    return page.origin === location.origin && `${location.pathname}/`.startsWith(`${page.pathname}/`) ? new Bookmark(page) : null;
  }

  /**
   * Name a moment; now, and where it changes soon after, a little later.
   * @param {number|null} position Null: the blog as it is.
   * @param {number|null} rate Null: it stands.
   */
  put(position, rate) {
    this.#put = [position, rate];
    if (!this.#timer) this.#write();
  }

  close() {
    clearTimeout(this.#timer);
  }

  #write() {
    const [position, rate] = this.#put;
    this.#put = null;
    const url = new URL(this.#page);
    if (position) url.searchParams.set("position", position);
    if (position && rate) url.searchParams.set("rate", rate);
    if (url.href !== location.href) history.replaceState(history.state, "", url);
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (this.#put) this.#write();
    }, PAUSE_MS);
  }
}
