/** What is to be shown with the next frame: the commits that came since the last one, together. */

const FRAME_MS = 100;

export class Changes {
  #noted = null;
  #frame = 0;
  #timer = 0;
  #show;

  /** @param {(changes: {changed: Set<string>, header: boolean, replaced: boolean}) => false|void} show False: not now. */
  constructor(show) {
    this.#show = show;
  }

  note({ changed = [], header = false, replaced = false }) {
    const before = replaced ? null : this.#noted;
    this.#noted = {
      changed: new Set([...(before?.changed ?? []), ...changed]),
      header: header || replaced || (before?.header ?? false),
      replaced: replaced || (before?.replaced ?? false),
    };
    if (this.#timer) return;
    this.#frame = requestAnimationFrame(() => this.flush());
    this.#timer = setTimeout(() => this.flush(), FRAME_MS); // a page that nobody looks at has no frames
  }

  /** Show what there is to show, now. */
  flush() {
    const noted = this.#noted;
    this.close();
    if (noted && this.#show(noted) === false) this.#noted = noted; // until more comes
  }

  close() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#noted = null;
  }
}
