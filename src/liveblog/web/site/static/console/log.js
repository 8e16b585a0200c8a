/** The log of the blog as it is: every event, the newest first, who did it and when, and how the page stood then. */

import { el } from "../element.js";
import { moment } from "./asking.js";

const PAGE = 200;

export class Log {
  #desk;
  #root;
  #more;
  #filter;
  #events = [];
  #first = null;
  #open = false;

  constructor(desk, panel) {
    this.#desk = desk;
    this.#root = panel.querySelector("[data-log]");
    this.#more = panel.querySelector("[data-do=older-log]");
    this.#filter = panel.querySelector("[data-filter]");
    this.#more.addEventListener("click", () => this.#older());
    this.#filter.addEventListener("input", () => this.#draw());
    this.#filter.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Show the log; it is read when it is looked at first. */
  async show() {
    this.#open = true;
    if (this.#first === null) {
      this.#first = this.#desk.book.position + 1;
      await this.#older();
    } else this.#draw();
  }

  hide() {
    this.#open = false;
  }

  /** A new event has come. */
  add(message) {
    if (this.#first === null) return;
    this.#events.unshift(message);
    if (this.#open) this.#draw();
  }

  /** Everything may be another: read it again when it is looked at. */
  reset() {
    this.#events = [];
    this.#first = null;
    if (this.#open) this.show();
  }

  async #older() {
    const after = Math.max(0, this.#first - 1 - PAGE);
    let next = after;
    const found = [];
    while (next < this.#first - 1) {
      const page = await this.#desk.api.get(`/v1/blogs/${this.#desk.slug}/events?after=${next}&limit=${this.#first - 1 - next}`).catch(() => null);
      if (page === null || page.events.length === 0) return;
      found.push(...page.events);
      next = page.next_after;
    }
    this.#first = after + 1;
    this.#events.push(...found.reverse());
    this.#more.hidden = after === 0;
    this.#draw();
  }

  #draw() {
    const { kind, who, words: asked } = this.#filter.elements;
    const { words } = this.#desk;
    offer(kind, [...new Set(this.#events.map((event) => event.event_type))].sort(), (type) => this.#typeOf(type));
    offer(who, [...new Set(this.#events.map((event) => event.by).filter(Boolean))].sort(), (name) => name);
    const wanted = asked.value.trim().toLowerCase();
    const lines = this.#events
      .filter((event) => (!kind.value || event.event_type === kind.value) && (!who.value || event.by === who.value))
      .map((event) => ({ event, text: this.#said(event) }))
      .filter(({ event, text }) => !wanted || `${event.position} ${text} ${event.by}`.toLowerCase().includes(wanted));
    this.#root.replaceChildren(
      ...lines.map(({ event, text }) =>
        el("li.log-line", { value: event.position },
          el("a.log-position", { href: `/${this.#desk.slug}?position=${event.position}`, title: words.say("console.as_it_stood") }, String(event.position)), " ",
          el("span.log-kind", {}, this.#typeOf(event.event_type)), " ",
          el("span.log-text", { dir: "auto" }, text), " ",
          el("span.log-who", {}, [event.by, moment(event.at, words)].filter(Boolean).join(" · ")))),
    );
  }

  #typeOf(type) {
    const said = this.#desk.words.say(`console.event_${type}`);
    return said === `console.event_${type}` ? type.replaceAll("_", " ") : said;
  }

  /** What an entry was called; of a withdrawn one, what it had been called until then. */
  #titleOf({ entry, position }) {
    if (!entry.retracted) return this.#desk.titleOf(entry);
    const before = this.#events.find((event) => event.position < position && event.entry?.id === entry.id);
    return before ? this.#desk.titleOf(before.entry) : null;
  }

  #said(event) {
    const { entry, header, data } = event;
    const parts = [];
    if (entry) parts.push(this.#titleOf(event));
    if (data?.point_id) parts.push(data.point_id, header?.key_points.find((point) => point.id === data.point_id)?.text);
    else if (!entry && header) parts.push(header.headline);
    if (data?.was) parts.push(`${data.was} → ${data.now}`);
    if (data?.reason) parts.push(data.reason);
    return parts.filter(Boolean).join(" · ");
  }
}

function offer(select, values, label) {
  const held = new Set([...select.options].map((option) => option.value));
  for (const value of values) if (!held.has(value)) select.append(new Option(label(value), value));
}
