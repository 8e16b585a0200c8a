/**
 * What is to be in sight while one is in the past: the entry sought, the one that a step changed, or, while it plays, the
 * newest; unless the reader has scrolled since, and reads something else.
 */
const MOVES = ["wheel", "touchmove", "keydown"];

export class Follower {
  #blog;
  #wanted = null;
  #playing = true;

  /**
   * @param {HTMLElement} blog The live-blog element.
   * @param {AbortSignal} signal
   */
  constructor(blog, signal) {
    this.#blog = blog;
    const leave = ({ target }) => (this.#playing &&= Boolean(target.closest(".machine")));
    for (const name of MOVES) blog.root.addEventListener(name, leave, { signal, passive: true });
  }

  /** Bring an entry into sight when its moment is shown. */
  want(id) {
    this.#wanted = id;
  }

  /**
   * The page has changed.
   * @param {boolean} replaced Whether it shows another moment, not the next.
   * @param {boolean} again Whether yet another is on its way.
   * @param {Iterable<string>|null} stepped The entries that a step changed; null while it plays.
   */
  follow(replaced, again, stepped) {
    const { list, eye } = this.#blog;
    const [changed] = replaced ? [] : (stepped ?? []);
    this.#playing ||= replaced;
    const newest = stepped === null && this.#playing && (list.entries.querySelector(".entry") ?? list.element);
    const found = list.node(this.#wanted ?? changed) ?? newest;
    if (found) eye.show(found);
    if (replaced && !again) this.#wanted = null;
  }
}
