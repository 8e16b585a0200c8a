/** Whether the page is live: how old the server's last word is, and honestly so when the connection is lost. */

import { el, instant } from "./element.js";

const TICK_MS = 5_000;

export class Status {
  #blog;
  #timer;
  #since = null;

  constructor(blog) {
    this.#blog = blog;
    this.notice = el("div.notice.lost.live", { hidden: true, role: "status" });
    this.#timer = setInterval(() => document.hidden || this.tick(), TICK_MS);
    this.wake = () => document.hidden || this.tick();
    document.addEventListener("visibilitychange", this.wake);
  }

  /** What stands beside the word "Live". */
  get text() {
    const { wire, words } = this.#blog;
    if (wire.status !== "live") return wire.status === "replaying" ? "" : words.say(`live.${wire.status}`);
    const seconds = Math.floor((performance.now() - wire.heard) / 1_000);
    return seconds < 5 ? words.say("live.heard_now") : words.say("live.heard", { n: seconds - (seconds % 5) });
  }

  tick() {
    const place = this.#blog.root.querySelector(".connection");
    if (place && place.textContent !== this.text) place.textContent = this.text;
  }

  /** The wire's state is another one. */
  changed({ status, code }) {
    const { words, announcer, times, eye } = this.#blog;
    this.tick();
    if (status === "connecting") return;
    const lost = status === "lost" || (status === "over" && code !== 1000);
    if (lost) this.#since ??= new Date().toISOString();
    else this.#since = null;
    const said = lost && words.say(status === "over" ? "live.over_notice" : "live.lost_notice");
    if (lost === !this.notice.hidden && this.notice.dataset.status === status) return;
    this.notice.dataset.status = status;
    if (lost) {
      const since = el("p.since", {}, words.say("live.lost_since"), " ", instant(this.#since));
      this.notice.replaceChildren(el("p", {}, said), since);
      times.show(this.notice);
      announcer.say(said);
    } else if (!this.notice.hidden) announcer.say(words.say("live.back"));
    this.notice.hidden = !lost;
  }

  close() {
    clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.wake);
  }
}
