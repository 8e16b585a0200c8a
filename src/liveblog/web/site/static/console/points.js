/** The board of key points: what is known so far, said anew or withdrawn with a reason, and how each was said before. */

import { el } from "../element.js";
import { moment } from "./asking.js";
import { choose, showTheirs } from "./contest.js";
import { deliberately, Fields } from "./fields.js";

export class Points {
  #desk;
  #root;
  #form;
  #fields;
  #base = null;

  constructor(desk, panel) {
    this.#desk = desk;
    this.#root = panel.querySelector("[data-points]");
    this.#form = panel.querySelector("form");
    this.#fields = new Fields(this.#form, desk.words);
    this.#form.insertBefore(el("p.others", { hidden: true }), this.#form.querySelector(".sending"));
    this.#root.addEventListener("click", ({ target }) => {
      const todo = target.closest("[data-do]")?.dataset.do;
      const point = desk.book.header.key_points.find((each) => each.id === target.closest("[data-point]")?.dataset.point);
      if (todo === "change") this.#edit(point);
      if (todo === "withdraw") this.#withdraw(point);
    });
    deliberately(this.#form, () => this.#save());
    this.#form.addEventListener("focusin", () => desk.presence.edit({ kind: "points", id: this.#base?.id ?? null }));
    this.#form.addEventListener("input", ({ target }) => this.#name(target));
    this.#form.querySelector("[data-do=clear]").addEventListener("click", () => this.#edit(null));
    panel.querySelector("details").addEventListener("toggle", ({ target }) => target.open && this.#history());
    this.#edit(null, false);
  }

  draw() {
    const { words, book } = this.#desk;
    const points = book.header.key_points;
    this.#root.replaceChildren(
      ...points.map((point) =>
        el("li.said-point", { "data-point": point.id },
          el("p", { dir: "auto" }, point.text),
          el("p.hint", {}, point.id, " · ", words.say("console.point_updated", { at: moment(point.updated_at ?? point.set_at, words) }),
            point.sources.length > 0 && [" · ", point.sources.map((source) => source.name).join(", ")]),
          el("p.actions", {},
            el("button.small", { type: "button", "data-do": "change" }, words.say("console.change")), " ",
            el("button.small", { type: "button", "data-do": "withdraw" }, words.say("console.withdraw"))))),
    );
    this.#desk.tabs.count("points", points.length);
    if (!this.#form.closest("[role=tabpanel]").querySelector("details").open) return;
    this.#history();
  }

  /** Propose an id for a new point out of its words. */
  #name(target) {
    const { text, point_id: id } = this.#form.elements;
    if (target === id) id.dataset.chosen = "yes";
    if (this.#base || target !== text || id.dataset.chosen) return;
    const plain = text.value.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
    id.value = plain.split("-").slice(0, 4).join("-").slice(0, 64);
  }

  #edit(point, focus = true) {
    this.#base = point;
    const { words } = this.#desk;
    this.#fields.fill(point ? { text: point.text, point_id: point.id, sources: point.sources } : {});
    this.#form.elements.point_id.readOnly = Boolean(point);
    delete this.#form.elements.point_id.dataset.chosen;
    this.#form.elements.reason.closest("label").hidden = !point;
    this.#form.querySelector("[data-point-title]").textContent = point ? words.say("console.point_change", { id: point.id }) : words.say("console.point_new");
    this.#form.querySelector(".others").hidden = true;
    this.#form.querySelector(".form-fault").hidden = true;
    if (focus) this.#form.elements.text.focus();
  }

  async #save() {
    const { text, point_id, sources, reason } = this.#fields.value;
    const command = { type: "set_key_point", point_id: point_id ?? "", text: text ?? "", sources, expected_revision: this.#base?.revision ?? 0 };
    if (reason) command.reason = reason;
    const before = this.#base;
    const undo = before && (() => this.#desk.act({ type: "set_key_point", point_id: before.id, text: before.text, sources: before.sources, expected_revision: before.revision + 1 }));
    const error = await this.#desk.act(command, { undo, quiet: true });
    if (error === null) this.#edit(null);
    else if (error.code === "wrong_revision" && error.problem.point) await this.#contest(error.problem.point, { text, sources });
    else this.#fault(error);
  }

  async #contest(point, mine) {
    const { words } = this.#desk;
    const labels = [["text", words.say("console.point_text")], ["sources", words.say("console.sources")]];
    const theirs = { text: point.text, sources: point.sources };
    const choice = await choose(this.#desk, { text: words.say("console.conflict_point"), labels, theirs, mine });
    if (choice === "theirs") return this.#edit(null);
    const { reason } = this.#fields.value;
    this.#edit(point);
    const mineNow = () => ({ ...this.#fields.value });
    this.#fields.fill({ ...mine, point_id: point.id, reason });
    if (choice === "mine") return this.#save();
    const take = (name, value) => this.#fields.fill({ ...mineNow(), [name]: value });
    showTheirs(this.#desk, this.#form.querySelector(".others"), { labels, theirs, mine, take });
  }

  async #withdraw(point) {
    const { words } = this.#desk;
    const reason = await this.#desk.asking.reason({
      title: words.say("console.withdraw_title", { id: point.id }),
      text: point.text,
      yes: words.say("console.withdraw"),
      label: words.say("console.reason"),
    });
    if (reason === null) return;
    const undo = () => this.#desk.act({ type: "set_key_point", point_id: point.id, text: point.text, sources: point.sources, expected_revision: point.revision + 1 });
    await this.#desk.act({ type: "withdraw_key_point", point_id: point.id, reason, expected_revision: point.revision }, { undo });
  }

  #fault(error) {
    const left = this.#fields.showFaults(error.problem?.errors ?? []);
    const place = this.#form.querySelector(".form-fault");
    place.hidden = Boolean(error.problem?.errors?.length) && left.length === 0;
    place.textContent = [this.#desk.explain(error), ...left].join(" ");
  }

  async #history() {
    const { words, api, slug } = this.#desk;
    const place = document.querySelector("[data-points-history]");
    const { key_points: points } = await api.get(`/v1/blogs/${slug}/key-points`).catch(() => ({ key_points: [] }));
    place.replaceChildren(
      ...points.map((point) =>
        el("li", {}, el("p.lead", {}, point.id, point.withdrawn && ` · ${words.say("console.withdrawn")}`),
          el("ol", {}, point.history.map((each) =>
            el("li", {}, el("span", { dir: "auto" }, each.text ?? ""), " ", el("span.hint", {}, [each.by, moment(each.at, words), each.reason].filter(Boolean).join(" · "))))))),
    );
  }
}
