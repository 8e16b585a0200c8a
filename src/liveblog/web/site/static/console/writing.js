/** An entry being written, new or changed: its form, what keeps it, and its way out to the readers. */

import { Refusal } from "./api.js";
import { showZones } from "./asking.js";
import { uuid } from "./browser.js";
import { changing, filled, NEW, publishing, says } from "./command.js";
import { showTheirs } from "./contest.js";
import { contestDraft, contestEntry } from "./disputed.js";
import { deliberately, Fields } from "./fields.js";
import { Keeping } from "./keeping.js";
import { Preview } from "./preview.js";

/** Members of a revision that changes nothing: type, entry and expected revision. */
const UNCHANGED = 3;

export class Writing extends EventTarget {
  #desk;
  #form;
  #fields;
  #preview;
  #type = NEW;
  #entryId = uuid();
  #focused = null;
  #sending = null;

  /** What keeps the text. */
  keeping;
  busy = false;

  /** @param {HTMLElement} root holds the form and the preview */
  constructor(desk, root) {
    super();
    this.#desk = desk;
    this.#form = root.querySelector("form");
    this.#fields = new Fields(this.#form, desk.words);
    this.#preview = new Preview(desk, root.querySelector("[data-preview]"));
    this.keeping = new Keeping(desk);
    this.keeping.addEventListener("state", ({ detail }) => this.#say(detail));
    this.keeping.addEventListener("conflict", ({ detail }) => contestDraft(desk, this, detail));
    this.keeping.addEventListener("refused", ({ detail }) => this.#fault(detail));
    this.#form.addEventListener("input", () => this.#changed());
    deliberately(this.#form, () => this.publish());
    this.#form.addEventListener("click", ({ target }) => {
      const todo = target.closest("[data-do]")?.dataset.do;
      if (todo === "discard") this.discard();
      if (todo === "submit") this.submit();
      if (todo === "schedule") this.schedule();
    });
    if (/Mac|iP(hone|ad)/.test(navigator.platform)) this.#form.querySelector("[data-modifier]").textContent = "⌘";
    this.#arrange();
  }

  get type() {
    return this.#type;
  }

  get fields() {
    return this.#fields.value;
  }

  /** The command that the form says. */
  get command() {
    const { base } = this.keeping;
    return this.#type === NEW ? publishing(this.fields, this.#entryId) : changing(this.#type, base, this.fields);
  }

  /** Whether there is anything to lose. */
  get says() {
    return says(this.command);
  }

  /**
   * Write something else from now on.
   *
   * @param {{type?: string, command?: object, base?: object, draft?: object, id?: string, dirty?: boolean}} given
   */
  async begin({ type, command, ...given } = {}) {
    this.#type = command?.type ?? type ?? NEW;
    this.#entryId = command?.entry_id ?? uuid();
    this.#fields.fill(filled(command ?? {}, given.base));
    const others = this.#form.querySelector(".others");
    others.replaceChildren(); // theirs too, of a conflict that was settled
    others.hidden = true;
    this.#fault(null);
    this.#lock(false);
    this.#arrange();
    await this.keeping.begin({ ...given, command });
    this.#show();
    this.#arrange();
  }

  focus() {
    const first = this.#type === "correct_entry" ? "body" : "headline";
    this.#form.elements[first].focus();
  }

  /** Send it to the readers. Until the answer is known the text stays. */
  async publish() {
    if (this.busy) return;
    this.#fault(null);
    this.#lock(true);
    await this.keeping.rest();
    const { command } = this;
    if (this.#type === "revise_entry" && Object.keys(command).length === UNCHANGED) {
      this.#lock(false);
      this.#fault({ problem: { detail: this.#desk.words.say("console.nothing_changed") } });
      return;
    }
    this.keeping.note(command);
    await this.keeping.rest();
    const { id, base, draft } = this.keeping;
    const handed = draft !== null && !this.#own(draft);
    this.#sending = id;
    const about = { copy: id, type: this.#type, title: command.headline ?? base?.headline ?? null, draft, handed };
    try {
      const saved = handed ? await this.keeping.flush() : null;
      const [path, body] = handed ? [`drafts/${id}/publish`, { revision: saved.revision }] : ["commands", command];
      await this.#desk.recovery.settle(about, await this.#desk.outbox.send(this.#desk.path(path), body, about), null);
    } catch (error) {
      await this.#desk.recovery.settle(about, null, error);
    } finally {
      // Unless something else is written here by now, or this again.
      if (this.#sending === id) this.#lock(false);
    }
  }

  /** It is out: say so, and begin anew. */
  async published(answer, about) {
    this.#desk.did(answer, about);
    if (about.handed) this.keeping.draft = null;
    await this.keeping.end();
    this.#lock(false);
    this.dispatchEvent(new CustomEvent("published", { detail: answer }));
  }

  /** While the answer to what this holds is awaited, nobody changes it. */
  await(waiting) {
    this.#lock(waiting);
  }

  /** Throw it away, after asking where there is something to lose; somebody else's draft is only put back. */
  async discard() {
    const { draft } = this.keeping;
    if (draft && !this.#own(draft)) {
      await this.keeping.flush().catch(() => {});
      this.#desk.copies.drop(this.keeping.id);
      await this.keeping.begin();
      this.dispatchEvent(new Event("handed"));
      return;
    }
    if (this.says) {
      const { words } = this.#desk;
      const sure = await this.#desk.asking.reason({ title: words.say("console.discard_title"), text: words.say("console.discard_text"), yes: words.say("console.discard") });
      if (sure === null) return;
    }
    await this.keeping.end();
    this.dispatchEvent(new Event("discarded"));
  }

  submit() {
    return this.#hand("submit", {}, "console.did_submit");
  }

  async schedule() {
    const at = await this.#desk.asking.instant(this.#desk.zone);
    if (at !== null) await this.#hand("schedule", { publish_at: at }, "console.did_schedule");
  }

  /** Leave it as a draft and begin anew. */
  async #hand(step, given, said) {
    this.#fault(null);
    this.#lock(true);
    try {
      this.keeping.note(this.command);
      const draft = await this.keeping.flush();
      await this.#desk.drafts.step(draft, step, given);
      this.#desk.copies.drop(this.keeping.id);
      this.#desk.notices.say(this.#desk.words.say(said));
      await this.keeping.begin();
      this.dispatchEvent(new Event("handed"));
    } catch (error) {
      await this.refused(error);
    } finally {
      this.#lock(false);
    }
  }

  #own(draft) {
    return draft.author.id === this.#desk.me.id && draft.state === "writing";
  }

  /** Show what the server refused, where it belongs; the text is as it was. */
  async refused(error, about = {}) {
    this.#lock(false);
    if (error.told) return;
    if (!(error instanceof Refusal)) {
      this.#desk.notices.say(this.#desk.words.say("console.not_sent"), { stays: true });
      return;
    }
    const { code, problem } = error;
    if (code === "entry_exists") await this.published(problem, { type: NEW, title: about.title ?? null });
    else if (code === "wrong_revision" && problem.entry) await contestEntry(this.#desk, this, problem.entry);
    else if (code === "wrong_revision" && problem.draft) await contestDraft(this.#desk, this, problem.draft);
    else {
      const left = this.#fields.showFaults(problem.errors ?? []);
      if (!problem.errors?.length || left.length) this.#fault(error, left);
    }
  }

  /** Have other fields in the form, as if somebody had typed them. */
  put(fields) {
    this.#fields.fill(fields);
    this.#changed();
  }

  /** Show another version beside the form, to take parts from. */
  beside(theirs) {
    const { labels } = this.#desk;
    const take = (name, value) => this.put({ ...this.fields, [name]: value });
    showTheirs(this.#desk, this.#form.querySelector(".others"), { labels, theirs, mine: this.fields, take });
    this.focus();
  }

  #changed() {
    this.keeping.note(this.command);
    this.#show();
    this.dispatchEvent(new Event("changed"));
  }

  #show() {
    const { fields } = this;
    this.#preview.show(fields, this.keeping.base);
    const zones = this.#form.querySelector("[data-new] [data-zones]");
    showZones(zones, this.#form.elements.published_at.value, this.#desk.zone, this.#desk.words);
  }

  /** Show what belongs to the kind of writing, and to whoever writes. */
  #arrange() {
    const { words, me } = this.#desk;
    const editor = me.role !== "author";
    for (const part of this.#form.querySelectorAll("[data-new]")) part.hidden = this.#type !== NEW;
    for (const part of this.#form.querySelectorAll("[data-correction]")) part.hidden = this.#type !== "correct_entry";
    this.#form.querySelector("[data-do=publish]").textContent = words.say(`console.send_${this.#type}`);
    this.#form.querySelector("[data-do=submit]").hidden = editor;
    this.#form.querySelector("[data-do=schedule]").hidden = !editor;
    const { draft } = this.keeping;
    const discard = draft && !this.#own(draft) ? "console.put_back" : "console.discard";
    this.#form.querySelector("[data-do=discard]").textContent = words.say(discard);
  }

  #lock(busy) {
    if (busy && !this.busy) this.#focused = this.#form.contains(document.activeElement) ? document.activeElement : null;
    this.busy = busy;
    if (!busy) this.#sending = null;
    this.#form.inert = busy;
    this.#form.setAttribute("aria-busy", String(busy));
    // What is inert loses the focus; whoever was writing goes on where they were.
    if (!busy && document.activeElement === document.body) this.#focused?.focus();
  }

  #fault(error, left = []) {
    const place = this.#form.querySelector(".form-fault");
    place.hidden = error === null;
    place.textContent = error === null ? "" : [error.problem.detail, ...left].join(" ");
  }

  #say(state) {
    const place = this.#form.querySelector(".saved");
    const key = { empty: null, writing: null, kept: "console.kept", local: "console.kept_local" }[state];
    place.dataset.state = state;
    if (state !== "writing") place.textContent = key ? this.#desk.words.say(key) : "";
    place.classList.toggle("local", state === "local");
  }
}
