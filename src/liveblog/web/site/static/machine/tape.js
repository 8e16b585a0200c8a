/** The tape: how much happened when, what stood out, and the playhead, which is a slider. */
import { el } from "../element.js";
import { drawing } from "./icon.js";

const HEIGHT = 32;
const FAR = 10; // events that a page key goes
const DRAG_MS = 150; // between two moments that are asked for while the head is being dragged

export class Tape {
  #drawn = null;
  #dragged = null; // the share under the finger
  #resume = false;
  #asked = 0;

  constructor(machine, say) {
    Object.assign(this, { machine, say });
    this.bars = drawing(1, HEIGHT);
    this.bars.setAttribute("preserveAspectRatio", "none");
    this.marks = el("div.machine-marks");
    this.playhead = el("div.machine-head");
    this.element = el("div.machine-tape", { role: "slider", tabindex: 0, "aria-label": say("slider"), "aria-valuemin": 1 },
      this.bars, this.marks, this.playhead);
    this.element.addEventListener("keydown", (event) => this.#key(event));
    for (const [name, then] of [["pointerdown", this.#grab], ["pointermove", this.#drag], ["pointerup", this.#drop], ["pointercancel", this.#drop]])
      this.element.addEventListener(name, then.bind(this));
  }

  /** Draw the course, if it is another than the one drawn. */
  draw() {
    const { course } = this.machine;
    if (course && course !== this.#drawn) {
      this.#drawn = course;
      const { buckets, markers } = course;
      const most = Math.max(...buckets.map(({ events }) => events), 1);
      this.bars.setAttribute("viewBox", `0 0 ${buckets.length} ${HEIGHT}`);
      // By the root of their number, so that a lonely event is seen beside a flood.
      const bars = buckets.map(({ events }, index) => events && `M${index + 0.1} ${HEIGHT}v-${(Math.sqrt(events / most) * HEIGHT).toFixed(1)}h.8V${HEIGHT}z`);
      this.bars.firstChild.setAttribute("d", bars.filter(Boolean).join(""));
      this.marks.replaceChildren(...markers.map(({ kind, share }) => place(el(`i.mark-${kind}`), share)));
    }
    const { head, position } = this.machine;
    this.element.setAttribute("aria-valuemax", head);
    this.element.setAttribute("aria-valuenow", position);
    this.element.setAttribute("aria-valuetext", this.#words(position, head));
  }

  /** Put the playhead where the clock is, or the finger. */
  move() {
    const { course, past, time } = this.machine;
    place(this.playhead, this.#dragged ?? (past && course ? course.share(time) : 1));
  }

  #words(position, head) {
    const { course, blog, book } = this.machine;
    const time = blog.times.words(Date.parse(book.time));
    const marked = course?.at(position) ?? [];
    const said = [this.say("place", { time, position, head }), ...marked.map(({ kind }) => this.say(`kind_${kind}`)), marked[0]?.label];
    return said.filter(Boolean).join(" · ");
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { machine } = this;
    const on = this.#mirrored() ? -1 : 1;
    const act = {
      ArrowRight: () => machine.move(on), ArrowLeft: () => machine.move(-on),
      ArrowUp: () => machine.move(1), ArrowDown: () => machine.move(-1),
      PageUp: () => machine.move(FAR), PageDown: () => machine.move(-FAR),
      Home: () => machine.seek(1), End: () => machine.live(),
      " ": () => (machine.playing ? machine.pause() : machine.play()),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #mirrored() {
    return getComputedStyle(this.element).direction === "rtl";
  }

  #grab(event) {
    if (event.button || !this.machine.course) return;
    this.element.setPointerCapture(event.pointerId);
    this.#resume = this.machine.playing;
    this.#drag(event, true);
  }

  #drag(event, begun = false) {
    if (this.#dragged === null && !begun) return;
    const { left, right, width } = this.element.getBoundingClientRect();
    const passed = this.#mirrored() ? right - event.clientX : event.clientX - left;
    this.#dragged = Math.min(Math.max(passed / width, 0), 1);
    this.move();
    if (begun || event.timeStamp - this.#asked < DRAG_MS) return;
    this.#asked = event.timeStamp;
    this.#seek(true);
  }

  async #drop() {
    if (this.#dragged === null) return;
    await (this.#dragged < 1 ? this.#seek(!this.#resume) : this.machine.live());
    this.#dragged = null;
    this.move();
  }

  #seek(paused) {
    const { course } = this.machine;
    const to = this.#dragged < 1 ? new Date(course.instant(this.#dragged)).toISOString() : course.head;
    return this.machine.seek(to, paused);
  }
}

/** Style by script is what the page's policy allows; style in markup is not. */
function place(element, share) {
  element.style.insetInlineStart = `${(share * 100).toFixed(3)}%`;
  return element;
}
