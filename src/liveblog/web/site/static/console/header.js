/** The blog's header in a form: headline, standfirst, people, links, media, language and zone. */

import { choose, showTheirs } from "./contest.js";
import { deliberately, Fields } from "./fields.js";

const NAMES = ["headline", "standfirst", "language", "time_zone", "contributors", "links", "media"];
const LISTS = ["contributors", "links", "media"];

export class Header {
  #desk;
  #form;
  #fields;
  #base = null;
  #dirty = false;

  constructor(desk, form) {
    this.#desk = desk;
    this.#form = form;
    this.#fields = new Fields(form, desk.words);
    form.addEventListener("input", () => (this.#dirty = true));
    deliberately(form, () => this.#save());
    form.addEventListener("focusin", () => desk.presence.edit({ kind: "header", id: null }));
    form.querySelector("[data-do=clear]").addEventListener("click", () => this.#take(desk.book.header));
  }

  /** Show the header as it is now, unless somebody is writing here. */
  draw() {
    const { header } = this.#desk.book;
    if (!this.#dirty && header.header_revision !== this.#base?.header_revision) this.#take(header);
  }

  showOthers() {
    const place = this.#form.querySelector(".others");
    if (place.querySelector(".theirs")) return;
    const others = this.#desk.presence.at("header");
    place.hidden = others.length === 0;
    place.textContent = this.#desk.people(others, "console.also_editing");
  }

  #take(header) {
    this.#base = header;
    this.#dirty = false;
    this.#fields.fill(header);
    this.#form.querySelector(".others").hidden = true;
    this.#form.querySelector(".form-fault").hidden = true;
  }

  #changed(before, now) {
    return NAMES.filter((name) => JSON.stringify(plain(before[name])) !== JSON.stringify(plain(now[name])));
  }

  async #save() {
    const mine = this.#fields.value;
    const before = this.#base;
    const names = this.#changed(before, mine);
    if (names.length === 0) return this.#desk.notices.say(this.#desk.words.say("console.nothing_changed"));
    const command = { type: "change_headline", expected_revision: before.header_revision };
    const back = { type: "change_headline" };
    for (const name of names) {
      command[name] = mine[name] ?? (LISTS.includes(name) ? [] : null);
      back[name] = before[name];
    }
    const undo = () => this.#desk.act({ ...back, expected_revision: this.#desk.book.header.header_revision });
    const error = await this.#desk.act(command, { undo, quiet: true });
    if (error === null) {
      this.#dirty = false;
      this.#base = null;
      this.draw();
    } else if (error.code === "wrong_revision" && error.problem.header) await this.#contest(error.problem.header, mine);
    else this.#fault(error);
  }

  async #contest(theirs, mine) {
    const { words } = this.#desk;
    if (this.#changed(this.#base, theirs).length === 0) {
      // Only a pin or a flag has moved, which is not what is edited here.
      this.#base = theirs;
      return this.#save();
    }
    const labels = NAMES.map((name) => [name, words.say(`console.${name}`)]);
    const changed = this.#changed(this.#base, mine);
    const text = words.say("console.conflict_header");
    const choice = await choose(this.#desk, { text, labels, theirs, mine, touched: changed });
    if (choice === "theirs") return this.#take(theirs);
    const merged = Object.fromEntries(NAMES.map((name) => [name, changed.includes(name) ? mine[name] : theirs[name]]));
    this.#take(theirs);
    this.#fields.fill(merged);
    this.#dirty = true;
    if (choice === "mine") return this.#save();
    const take = (name, value) => this.#fields.fill({ ...this.#fields.value, [name]: value });
    showTheirs(this.#desk, this.#form.querySelector(".others"), { labels, theirs, mine: merged, take });
  }

  #fault(error) {
    const left = this.#fields.showFaults(error.problem?.errors ?? []);
    const place = this.#form.querySelector(".form-fault");
    place.hidden = Boolean(error.problem?.errors?.length) && left.length === 0;
    place.textContent = [this.#desk.explain(error), ...left].join(" ");
  }
}

/** A value as it is compared: without what is null or empty. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object") return Object.entries(value).filter(([, each]) => each !== null).sort();
  return value === "" ? null : value;
}
