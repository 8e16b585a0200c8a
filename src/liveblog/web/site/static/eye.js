/**
 * Where the reader looks, and that what stands there stays there while the page changes around it: by what the coverage
 * changes, and by entries that turn out taller than was thought when they come near the window for the first time.
 *
 * Browsers have an anchor of their own (overflow-anchor), some of them; it overlooks the second case. Ours replaces it.
 */

export class Eye {
  #root;
  #noted = null;
  #stop = new AbortController();
  #sizes = new ResizeObserver(() => this.#hold());

  /** @param {Element} root What the entries are in. */
  constructor(root) {
    this.#root = root;
    addEventListener("scroll", () => this.#note(), { capture: true, passive: true, signal: this.#stop.signal });
    addEventListener("resize", () => (this.#noted = null), { signal: this.#stop.signal });
  }

  /** What scrolls: the page, or a box of somebody's page that the coverage is in. */
  get scroller() {
    for (let at = this.#root; at; at = at.parentElement ?? at.getRootNode().host) {
      if (at === document.body || at === document.documentElement) break;
      if (/auto|scroll/.test(getComputedStyle(at).overflowY) && at.scrollHeight > at.clientHeight) return at;
    }
    return document.scrollingElement;
  }

  /** What is seen of it, from and to, in the window's coordinates. */
  get span() {
    const { scroller } = this;
    if (scroller === document.scrollingElement) return { top: 0, bottom: innerHeight };
    const { top, bottom } = scroller.getBoundingClientRect();
    return { top: Math.max(0, top), bottom: Math.min(innerHeight, bottom) };
  }

  /** @returns {-1|0|1} Whether a height is above what is seen, in it, or below. */
  where(y) {
    const { top, bottom } = this.span;
    return y <= top ? -1 : y >= bottom ? 1 : 0;
  }

  /** Watch an entry's size. */
  watch(entry) {
    this.#sizes.observe(entry);
  }

  /** The entry that is read: the first that begins in sight, else the one that fills it. Who sees the head reads that. */
  #anchor(entry = false) {
    const { top, bottom } = this.span;
    const head = this.#root.querySelector(".lb-header")?.getBoundingClientRect();
    if (!entry && head && head.bottom > top && head.top >= top - 1) return null;
    const entries = this.#root.querySelector(".entries")?.children ?? [];
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entries[middle].getBoundingClientRect().bottom <= top) low = middle + 1;
      else high = middle;
    }
    const through = entries[low];
    const next = through && through.getBoundingClientRect().top < top ? entries[low + 1] : through;
    return next && next.getBoundingClientRect().top < bottom ? next : through ?? null;
  }

  #note(element = this.#anchor()) {
    this.#noted = element && { element, top: element.getBoundingClientRect().top };
  }

  #hold() {
    if (!this.#noted?.element.isConnected) return;
    const moved = this.#noted.element.getBoundingClientRect().top - this.#noted.top;
    if (Math.abs(moved) >= 0.5) this.scroller.scrollBy({ top: moved, behavior: "instant" });
  }

  /**
   * Change the page, and scroll so that what is read stays under the eye.
   * @param {() => void} change
   * @param {boolean} [entry] Whether it is an entry that is read, though the head is in sight too.
   */
  keep(change, entry = false) {
    if (this.#noted) this.#hold(); // what it was about to do anyway
    this.#note(this.#anchor(entry));
    change();
    this.#hold();
  }

  /** Bring an element to the top of what is seen, and the focus to it. */
  go(element) {
    element.focus({ preventScroll: true });
    // Not smoothly: what lies between would change its size under way.
    element.scrollIntoView({ block: "start", behavior: "instant" });
    this.#note(element);
  }

  /** Go where the page's address leads, unless the reader, or the browser for them, is elsewhere already. */
  arrive(element) {
    if (element && !location.hash && scrollY === 0) this.go(element);
  }

  /** Bring an element into sight by as little as will do; of what is too long, the beginning. */
  show(element) {
    element.scrollIntoView({ block: "nearest", behavior: "instant" });
    if (element.getBoundingClientRect().top < this.span.top) element.scrollIntoView({ block: "start", behavior: "instant" });
    this.#note(element);
  }

  close() {
    this.#stop.abort();
    this.#sizes.disconnect();
  }
}
