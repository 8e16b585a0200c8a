/** The blog's drafts: whose they are, how far they have come, and their next step. */

import { el } from "../element.js";
import { Refusal } from "./api.js";
import { moment } from "./asking.js";
import { NEW } from "./command.js";

export class Drafts extends EventTarget {
  #desk;
  #root;
  #revision = null;
  #drafts = [];
  #tidied = new Set();

  constructor(desk, root) {
    super();
    this.#desk = desk;
    this.#root = root;
    root.addEventListener("click", ({ target }) => {
      const todo = target.closest("[data-do]")?.dataset.do;
      const draft = this.#drafts.find((each) => each.id === target.closest("[data-draft]")?.dataset.draft);
      if (todo && draft) this.#do(todo, draft, target.closest("button"));
    });
  }

  /** Read them again if the server says that there is news. */
  async follow(revision) {
    if (revision === this.#revision) return;
    this.#revision = revision;
    await this.reload();
  }

  async reload() {
    try {
      const { drafts } = await this.#desk.api.get(this.#desk.path("drafts"));
      this.#drafts = drafts;
      this.draw();
      this.#tidy();
    } catch {
      this.#revision = null; // the next word from the server will have them read
    }
  }

  /** Own drafts of what is out already, whose removal was lost on the way, go now. */
  #tidy() {
    const { book, me, writing } = this.#desk;
    for (const draft of this.#drafts) {
      const { command, state, author } = draft;
      const out = command.type === NEW && book.get(command.entry_id) !== undefined;
      if (!out || state !== "writing" || author.id !== me.id || writing.keeping.id === draft.id) continue;
      if (this.#tidied.has(draft.id)) continue;
      this.#tidied.add(draft.id);
      this.remove(draft).catch(() => {});
    }
  }

  add(command) {
    return this.#asked("POST", "drafts", { command });
  }

  async remove(draft) {
    try {
      await this.#asked("DELETE", `drafts/${draft.id}?revision=${draft.revision}`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Somebody else was there first: it is gone, or it is theirs now.
    }
  }

  /** Take a step with a draft: submit, return, schedule, unschedule. */
  step(draft, step, given = {}) {
    return this.#asked("POST", `drafts/${draft.id}/${step}`, { revision: draft.revision, ...given });
  }

  async #asked(method, path, body) {
    try {
      return await this.#desk.api.ask(method, this.#desk.path(path), { body });
    } finally {
      this.reload();
    }
  }

  async #do(todo, draft, button) {
    const { words, asking, notices } = this.#desk;
    button.disabled = true;
    try {
      if (todo === "open") this.#desk.openDraft(draft);
      else if (todo === "publish") {
        const about = { type: draft.command.type, title: draft.command.headline ?? null, handed: true };
        const answer = await this.#desk.outbox.send(this.#desk.path(`drafts/${draft.id}/publish`), { revision: draft.revision }, about);
        this.#desk.did(answer, about);
        this.reload();
      } else {
        const given = await this.#ask(todo, draft);
        if (given === null) return;
        if (todo === "remove") await this.#asked("DELETE", `drafts/${draft.id}?revision=${draft.revision}`);
        else await this.step(draft, todo, given);
        notices.say(words.say(`console.did_${todo}`));
      }
    } catch (error) {
      if (error.code === "wrong_revision") notices.say(words.say("console.draft_changed"), { stays: true });
      else notices.say(this.#desk.explain(error), { stays: true });
    } finally {
      button.disabled = false;
    }
  }

  /** What a step needs besides the draft; null: do not take it. */
  async #ask(todo, draft) {
    const { words, asking } = this.#desk;
    const title = this.#titleOf(draft);
    if (todo === "return") {
      const note = await asking.reason({ title: words.say("console.return_title", { title }), yes: words.say("console.return"), label: words.say("console.note") });
      return note === null ? null : { note };
    }
    if (todo === "schedule") {
      const publish_at = await asking.instant(this.#desk.zone, draft.publish_at);
      return publish_at === null ? null : { publish_at };
    }
    if (todo === "remove") {
      const sure = await asking.reason({ title: words.say("console.remove_title", { title }), yes: words.say("console.remove") });
      return sure === null ? null : {};
    }
    return {};
  }

  draw() {
    const shown = this.#drafts.filter((draft) => draft.state !== "published" || draft.author.id === this.#desk.me.id);
    const focused = document.activeElement?.closest?.("[data-draft]")?.dataset.draft;
    this.#root.replaceChildren(...shown.map((draft) => this.#row(draft)));
    if (focused) this.#root.querySelector(`[data-draft="${focused}"] button`)?.focus();
    document.querySelector("[data-no-drafts]").hidden = shown.length > 0;
    this.#desk.tabs.count("drafts", shown.filter((draft) => draft.state !== "published").length);
  }

  #row(draft) {
    const { words, me } = this.#desk;
    const editor = me.role !== "author";
    const own = draft.author.id === me.id;
    const { state } = draft;
    const steps = [];
    if (state === "writing" || state === "refused" || (state === "submitted" && editor)) steps.push("open");
    if (!editor && own && (state === "writing" || state === "refused")) steps.push("submit");
    if (editor && state === "submitted") steps.push("return");
    if (editor && state !== "published") steps.push(...(state === "scheduled" ? ["unschedule", "schedule", "publish"] : ["schedule", "publish"]));
    if (state !== "published" && state !== "scheduled" && (own || editor)) steps.push("remove");
    const when = draft.publish_at && ["scheduled", "published", "refused"].includes(state);
    const others = this.#desk.presence.at("draft", draft.id);
    return el("li.draft", { "data-draft": draft.id, class: `draft state-${state}` },
      el("p.draft-head", {}, el("span.state", {}, words.say(`console.state_${state}`)), " ", words.say(`console.draft_${draft.command.type}`), " · ", draft.author.name,
        draft.edited_by && draft.edited_by.id !== draft.author.id && ` · ${words.say("console.edited_by", { name: draft.edited_by.name })}`, " · ", moment(draft.updated_at, words)),
      el("h3", { dir: "auto" }, this.#titleOf(draft)),
      when && el("p.when", {}, words.say("console.zones", { here: moment(draft.publish_at, words), there: moment(draft.publish_at, words, this.#desk.zone), zone: this.#desk.zone })),
      draft.note && el("p.note", {}, el("span.lead", {}, words.say("console.note")), " ", draft.note),
      draft.problem && el("p.form-fault", {}, draft.problem.detail),
      others.length > 0 && el("p.others", {}, this.#desk.people(others, "console.also_editing")),
      state === "published" && draft.position && el("p", {}, el("a", { href: `/${this.#desk.slug}?position=${draft.position}` }, words.say("console.see_it"))),
      el("p.actions", {}, steps.map((step) => [el("button.small", { type: "button", "data-do": step }, words.say(`console.${step}`)), " "])));
  }

  #titleOf(draft) {
    const { command } = draft;
    const entry = command.entry_id && this.#desk.book.get(command.entry_id);
    const said = command.headline || command.question || (entry && this.#desk.titleOf(entry)) || command.body || "";
    return said.slice(0, 120) || this.#desk.words.say("console.untitled");
  }
}
