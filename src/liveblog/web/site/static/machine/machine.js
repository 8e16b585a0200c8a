/**
 * The time machine: it tells the blog's one stream where in the past to be, and shows on the tape where that is.
 *
 * It holds no coverage. Snapshots and events come as ever and make the page, so that the page is what readers saw then.
 */
import { Bookmark } from "./address.js";
import { Clock } from "./clock.js";
import { Course } from "./course.js";
import { Follower } from "./follower.js";
import { Panel } from "./panel.js";

const SILENCE_S = 60; // how long a silence still is when silences are skipped
const REFRESH_MS = 10_000;

/** Who would rather see nothing move sees the clock and the playhead go on once a second. */
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

export class Machine {
  #clock = new Clock();
  #stop = new AbortController();
  #bookmark;
  #follower;
  #seeks = 0; // unanswered
  #aim = null; // the position last sought, until it is shown
  #timer = 0;
  #frame = 0;
  #shown = 0;

  /** Null until the tape was opened once. */
  course = null;
  /** Whether the page shows another moment than now. */
  past = false;
  playing = false;
  rate = 60;
  head = 0;
  open = false;

  /**
   * @param {HTMLElement} blog The live-blog element: its `book`, `wire`, `words`, `times`, `root` and `src`.
   */
  constructor(blog) {
    Object.assign(this, { blog, book: blog.book, wire: blog.wire });
    this.src = new URL(blog.src, document.baseURI).href;
    this.#bookmark = Bookmark.of(this.src);
    this.panel = new Panel(this);
    const { signal } = this.#stop;
    this.#follower = new Follower(blog, signal);
    const hear = (target, name, then) => target.addEventListener(name, ({ detail }) => then.call(this, detail), { signal });
    hear(this.wire, "subscribed", this.#grown);
    hear(this.wire, "heartbeat", this.#grown);
    hear(this.wire, "playback", this.#told);
    hear(this.wire, "snapshot", this.#placed);
    hear(this.wire, "caught_up", this.#live);
    hear(this.wire, "event", this.#passed);
    hear(this.wire, "void", this.#anew);
    hear(this.wire, "status", () => this.show());
    hear(blog, "lb-change", this.#changed);
    blog.times.now = () => (this.past ? this.time : Date.now());
    this.head = this.book.position;
    if (this.wire.moment) {
      const { to, rate, paused } = this.wire.moment;
      this.rate = rate ?? this.rate;
      this.#clock.set(Date.parse(typeof to === "string" ? to : this.book.time), paused ? 0 : this.rate);
      Object.assign(this, { past: true, playing: !paused });
      this.unfold(true);
      this.speed(this.rate); // the answer says where the clock is by now
    }
    this.show();
  }

  /** Go away with the blog. */
  close() {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#bookmark?.close();
    cancelAnimationFrame(this.#frame);
    this.panel.remove();
  }

  /** The position shown. */
  get position() {
    return this.book.position;
  }

  /** The instant shown, in milliseconds. */
  get time() {
    return this.past ? this.#clock.read(this.course) : (this.course?.end ?? Date.parse(this.book.time));
  }

  /** Whether the coverage is over by now, whatever moment is shown. */
  get ended() {
    return this.past && this.course ? this.course.ended : this.book.header?.status === "ended";
  }

  // What a reader can do.

  /** Show or put away the tape; put away, the page is as it is now. */
  async unfold(open) {
    this.open = open;
    if (!open && this.past) this.live();
    this.show();
    if (open) await this.#read();
  }

  /** Go to a position or an instant. */
  async seek(to, paused = !this.playing) {
    this.#seeks += 1;
    this.#aim = typeof to === "number" ? to : null;
    const answer = await this.wire.send({ type: "seek", to, rate: this.rate, paused });
    this.#seeks -= 1;
    // A position says more than its instant, which it may share with others.
    if (typeof to === "number" && this.wire.moment) this.wire.moment.to = to;
    this.panel.complain(answer.type === "error" && answer.code !== "lost");
  }

  /** Play from here; where nothing is to come, from the beginning. */
  async play() {
    if (!this.past) return this.seek(1, false);
    if (this.position >= this.head) return this.ended ? this.seek(1, false) : this.live();
    await this.speed(this.rate);
    this.#wish({ paused: false });
    return this.#say("resume");
  }

  pause() {
    this.#wish({ paused: true });
    return this.#say("pause");
  }

  /** One event on, or back; then it stands. */
  async step(by) {
    if (by < 0) return this.seek(Math.max(1, (this.#aim ?? this.position) - 1), true);
    if (!this.past) return undefined;
    if (this.playing) await this.pause();
    return this.#say("step", { count: 1 });
  }

  /** Move by so many events, playing or standing as before. */
  move(by) {
    const to = (this.#aim ?? this.position) + by;
    return to >= this.head ? this.live() : this.seek(Math.max(1, to));
  }

  /** To the marked moment that comes next, or came before. */
  async jump(direction) {
    if (!this.course) await this.#read();
    const marker = this.course?.marked(this.#aim ?? this.position, direction);
    if (marker) return this.visit(marker);
    return direction > 0 ? this.live() : this.seek(1);
  }

  /** To a marked moment, and to the entry that it is about. */
  visit({ position, entry_id }) {
    this.#follower.want(entry_id);
    return this.seek(position);
  }

  speed(rate) {
    this.rate = rate;
    this.#wish({ rate });
    this.show();
    return this.past ? this.#say("rate", { rate }) : undefined;
  }

  /** Shorten long silences, or not; the stream knows of that by its address alone. */
  async skip(on) {
    this.wire.maxGap = on ? SILENCE_S : null;
    await this.#read();
    if (this.past) this.wire.moment = this.#moment();
    this.wire.reopen();
  }

  /** Back to the present. */
  live() {
    return this.#say("go_live");
  }

  /** Let it hold also if the connection is lost before the server has heard of it. */
  #wish(more) {
    if (this.wire.moment) Object.assign(this.wire.moment, more);
  }

  #say(type, more) {
    return this.wire.send({ type, ...more });
  }

  // What is heard.

  #told({ state, time, rate, actual_rate, re }) {
    if (re === null && this.#seeks) return; // of before the seek
    if (state === "live" || state === "ended") {
      this.#live();
      return;
    }
    this.past = true;
    this.playing = state !== "paused";
    if (typeof rate === "number") this.rate = rate;
    this.#clock.set(Date.parse(time), actual_rate ?? 0);
    this.#remember();
    this.show();
  }

  #placed({ time }) {
    if (!this.#seeks) this.#aim = null;
    if (this.past) this.#clock.set(Date.parse(time), this.playing ? this.rate : 0);
    this.#remember();
  }

  /** An event leaves when the clock reaches it, so it tells the time. */
  #passed({ at }) {
    if (this.past) this.#clock.set(Date.parse(at), this.playing ? this.rate : 0);
  }

  #changed({ changed, replaced }) {
    if (this.past) {
      this.#remember();
      this.blog.times.tick();
      this.#follower.follow(replaced, this.#seeks > 0, this.playing ? null : changed);
    }
    this.#grown({ head: this.position });
    this.show();
  }

  /** Another copy of the log, whose course and positions are its own. */
  #anew() {
    this.course = null;
    this.head = 0;
    this.#live();
    if (this.open) this.#read();
  }

  #live() {
    const before = this.past;
    this.past = this.playing = false;
    if (before) {
      this.blog.times.tick();
      this.#remember();
    }
    this.show();
  }

  /** The blog goes on while one is in the past: the tape grows now and then. */
  #grown({ head }) {
    this.head = Math.max(this.head, head);
    if (!this.open || !this.course || this.head <= this.course.head || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#read();
    }, REFRESH_MS);
    this.show();
  }

  async #read() {
    try {
      this.course = await Course.read(this.src, this.wire.maxGap);
      this.head = Math.max(this.head, this.course.head);
    } catch {
      // Without the tape the rest works; the next event or heartbeat asks again.
    }
    if (!this.#stop.signal.aborted) this.show();
  }

  /** Where to be again when the stream is opened anew: in the middle of a silence too. */
  #moment() {
    const within = this.time > Date.parse(this.book.time);
    const to = within ? new Date(this.time).toISOString() : this.position;
    return { to, rate: this.rate, paused: !this.playing };
  }

  /** Write the moment into the address, so that it can be shared. */
  #remember() {
    this.#bookmark?.put(this.past ? this.position : null, this.playing ? this.rate : null);
  }

  // What is seen.

  /** Draw the tape as things are, and again with every frame while the clock runs. */
  show() {
    this.panel.draw();
    cancelAnimationFrame(this.#frame);
    if (this.playing && this.open) this.#frame = requestAnimationFrame(() => this.#run());
  }

  #run() {
    if (!STILL.matches || Math.abs(this.time - this.#shown) >= 1000 * this.rate) {
      this.#shown = this.time;
      this.panel.move();
    }
    this.#frame = requestAnimationFrame(() => this.#run());
  }
}
