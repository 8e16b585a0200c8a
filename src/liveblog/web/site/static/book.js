/**
 * What the page holds of a blog: its header, its counts, and those of its entries that are neighbours of each other.
 *
 * Pure: no page, no network. Of two documents of one entry the higher position wins; what a snapshot says replaces
 * everything. An entry beyond the oldest page read (or before the newest, on a page about an old entry) is known but not
 * among `entries`, for nobody has read what lies between.
 */

/** @returns {number} Below 0 if `a` comes before `b` in the order of the blog. */
const compare = (a, b) =>
  a.published_at < b.published_at ? -1
  : a.published_at > b.published_at ? 1
  : a.first_position - b.first_position;

const ENTRY_FIELDS = new Set(["entries", "included", "next", "counts", "hash", "time", "position", "epoch", "edition"]);

export class Book {
  #known = new Map();
  #order = []; // oldest first
  #floor = null; // the oldest place of the pages read; null: there is none older
  #ceiling = null;
  #pending = { changed: new Set(), header: false };

  /** The blog without its entries, as the protocol's header. */
  header = null;
  counts = null;
  position = 0;
  epoch = null;
  edition = null;
  hash = null;
  /** The instant of the newest event, or the one that a snapshot was asked for. */
  time = null;
  /** Cursors to older and to newer entries than those held; null at the ends. */
  next = null;
  previous = null;
  /** Whether all of the last commit has come. */
  whole = true;
  /** Rises whenever everything was replaced. */
  generation = 0;

  /** Entries, the newest first. */
  get entries() {
    return this.#order.toReversed();
  }

  /** How many entries are newer than those held; they are not known, only that they came. */
  newer = 0;

  /** @returns {object|undefined} An entry's document, shown or not. */
  get(id) {
    return this.#known.get(id);
  }

  /** Documents of the entries that the header names, `pinned` or `breaking`; those that are known. */
  named(list) {
    return (this.header?.[list] ?? []).map((id) => this.#known.get(id)).filter(Boolean);
  }

  /**
   * Begin anew.
   * @param {object} state A blog's document.
   * @param {object} [page] A page of entries to hold instead of the newest.
   */
  replace(state, page) {
    this.#known.clear();
    this.#order = [];
    this.#floor = this.#ceiling = null;
    this.#pending = { changed: new Set(), header: false };
    this.newer = 0;
    this.whole = true;
    this.generation += 1;
    this.header = Object.fromEntries(Object.entries(state).filter(([name]) => !ENTRY_FIELDS.has(name)));
    ({ counts: this.counts, position: this.position, epoch: this.epoch, edition: this.edition } = state);
    this.hash = state.hash;
    this.time = state.time;
    const { entries, next, previous = null } = page ?? state;
    this.next = next;
    this.previous = previous;
    if (next && entries.length) this.#floor = entries.at(-1);
    if (previous && entries.length) this.#ceiling = entries[0];
    for (const entry of [...entries, ...state.included, ...(page ? state.entries : [])]) this.#put(entry);
  }

  /**
   * Add a page of older entries, or of newer ones, read with a cursor of this book.
   * @param {object} page
   * @param {"next"|"previous"} side Which cursor it was.
   * @returns {string[]} Ids of the entries that are new here.
   */
  add(page, side = "next") {
    const held = new Set(this.#order.map((entry) => entry.id));
    if (side === "next") {
      this.next = page.next;
      this.#floor = page.next && page.entries.length ? page.entries.at(-1) : null;
    } else {
      this.previous = page.previous;
      this.#ceiling = page.previous && page.entries.length ? page.entries[0] : null;
      if (!this.previous) this.newer = 0;
    }
    for (const entry of page.entries) this.#put(entry);
    for (const entry of this.#known.values()) this.#place(entry);
    return this.#order.filter((entry) => !held.has(entry.id)).map((entry) => entry.id);
  }

  /**
   * Take in an event.
   * @param {object} message An `event` message, the next after `position`.
   * @returns {{position: number, type: string, complete: boolean, changed: Set<string>, header: boolean}}
   *   What changed since the last commit was complete; to be shown once this one is.
   */
  apply(message) {
    const pending = this.#pending;
    this.position = message.position;
    this.hash = message.hash;
    this.time = message.at;
    this.counts = message.counts;
    if (message.header) {
      this.header = message.header;
      pending.header = true;
    }
    for (const entry of message.included ?? []) this.#put(entry);
    if (message.entry) {
      if (!this.#known.has(message.entry.id) && this.#ceiling && compare(message.entry, this.#ceiling) > 0) this.newer += 1;
      this.#put(message.entry);
      pending.changed.add(message.entry.id);
    }
    const complete = message.position === message.commit_end;
    this.whole = complete;
    if (complete) this.#pending = { changed: new Set(), header: false };
    return { position: message.position, type: message.event_type, complete, ...pending };
  }

  #put(entry) {
    const held = this.#known.get(entry.id);
    if (held && held.position > entry.position) return;
    this.#known.set(entry.id, entry);
    const index = this.#find(entry);
    if (this.#order[index]?.id === entry.id) this.#order[index] = entry;
    else this.#place(entry);
  }

  #place(entry) {
    if (this.#floor && compare(entry, this.#floor) < 0) return;
    if (this.#ceiling && compare(entry, this.#ceiling) > 0) return;
    const index = this.#find(entry);
    if (this.#order[index]?.id !== entry.id) this.#order.splice(index, 0, entry);
  }

  #find(entry) {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#order[middle], entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
