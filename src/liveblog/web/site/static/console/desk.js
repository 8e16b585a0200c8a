/** The desk of a blog: everything on the page, and what its parts ask of each other. */

import { Book } from "../book.js";
import { Times } from "../times.js";
import { Wire } from "../wire.js";
import { Words } from "../words.js";
import { Api, Refusal } from "./api.js";
import { Asking } from "./asking.js";
import { NEW } from "./command.js";
import { Copies } from "./copies.js";
import { Coverage } from "./coverage.js";
import { Drafts } from "./drafts.js";
import { Editing } from "./editing.js";
import { Header } from "./header.js";
import { Log } from "./log.js";
import { Masthead } from "./masthead.js";
import { Notices } from "./notices.js";
import { Outbox } from "./outbox.js";
import { Points } from "./points.js";
import { Presence } from "./presence.js";
import { Recovery } from "./recovery.js";
import { SigningIn } from "./signing_in.js";
import { Status } from "./status.js";
import { Tabs } from "./tabs.js";
import { Writing } from "./writing.js";

const AGAIN_MS = 2_000;
const LABELS = ["kind", "headline", "question", "body", "quote", "contributors", "sources", "media", "links", "tags"];

class Desk {
  book = new Book();
  #touched = new Map();
  #changed = new Set();

  constructor(page, words) {
    const { blog, actor, name, role } = page.dataset;
    this.slug = blog;
    this.me = { id: actor, name, role };
    this.words = words;
    this.src = `/v1/blogs/${blog}`;
    this.labels = LABELS.map((each) => [each, words.say(`console.${each}`)]);
    const signingIn = new SigningIn(words, actor);
    this.api = new Api(() => signingIn.ask());
    this.outbox = new Outbox(this.api, `lb-sending:${blog}:${actor}`);
    this.copies = new Copies(`lb-writing:${blog}:${actor}`);
    this.notices = new Notices(document.querySelector("[data-notices]"), words);
    this.asking = new Asking(words);
    this.presence = new Presence(this.api, this.path("presence"), actor);
    this.wire = new Wire(this.src);
    this.status = new Status(this, document.querySelector("[data-connection]"));
  }

  /** A route of this blog's newsroom. */
  path(rest) {
    return `/v1/admin/blogs/${this.slug}/${rest}`;
  }

  /** The blog's own zone. */
  get zone() {
    return this.book.header?.time_zone ?? "UTC";
  }

  async open() {
    this.#listen();
    await this.#read();
    this.coverage = new Coverage(this, document.querySelector("[data-coverage]"));
    this.tabs = new Tabs(document.querySelector("[role=tablist]"));
    this.drafts = new Drafts(this, document.querySelector("[data-drafts]"));
    this.log = new Log(this, document.getElementById("panel-log"));
    if (this.me.role !== "author") {
      this.points = new Points(this, document.getElementById("panel-points"));
      this.header = new Header(this, document.getElementById("header"));
    }
    this.masthead = new Masthead(this, document.querySelector(".masthead"));
    this.recovery = new Recovery(this);
    this.editing = new Editing(this, document.getElementById("editing"));
    this.writing = new Writing(this, document.getElementById("new-entry"));
    for (const done of ["published", "discarded", "handed"]) this.writing.addEventListener(done, () => this.#anew());
    document.getElementById("new-entry").addEventListener("focusin", () => this.#tellWriting());
    this.tabs.addEventListener("shown", ({ detail }) => {
      if (detail === "log") this.log.show();
      else this.log.hide();
      if (detail === "drafts") this.drafts.reload();
    });
    this.presence.addEventListener("change", ({ detail }) => this.#present(detail));
    document.querySelector("[data-do=older]").addEventListener("click", () => this.#older());
    document.querySelector("form[action='/admin/sign-out']").addEventListener("submit", () => this.writing.keeping.flush());
    addEventListener("beforeunload", (event) => this.writing.busy && event.preventDefault());
    this.draw();
    this.wire.open(this.book);
    if (this.tabs.shown === "log") this.log.show();
    await Promise.all([this.recovery.begin(), this.drafts.reload()]);
    document.documentElement.dataset.ready = "yes";
    await this.presence.tell();
  }

  /** Read the blog, for as long as that takes. */
  async #read() {
    for (;;) {
      try {
        return this.book.replace(await this.api.get(this.src));
      } catch (error) {
        if (error instanceof Refusal) throw error;
        await new Promise((done) => setTimeout(done, AGAIN_MS));
      }
    }
  }

  #listen() {
    this.wire.addEventListener("event", ({ detail }) => this.#take(detail));
    this.wire.addEventListener("snapshot", ({ detail }) => {
      this.book.replace(detail.state);
      this.draw();
    });
    this.wire.addEventListener("void", async () => {
      await this.#read();
      this.log.reset();
      this.draw();
      this.wire.open(this.book);
    });
  }

  #take(message) {
    const { complete, changed, header } = this.book.apply(message);
    if (message.entry) this.#touched.set(message.entry.id, message.by);
    for (const id of changed) this.#changed.add(id);
    this.log.add(message);
    if (!complete) return;
    this.coverage.draw(this.#changed);
    for (const id of this.#changed) this.editing.noticeOf(this.book.get(id));
    this.#changed = new Set();
    this.coverage.showOthers();
    this.masthead.draw();
    if (!header) return;
    this.points?.draw();
    this.header?.draw();
  }

  /** Show everything anew. */
  draw() {
    this.coverage.draw();
    this.masthead.draw();
    this.points?.draw();
    this.header?.draw();
  }

  async #older() {
    const query = new URLSearchParams({ cursor: this.book.next, at_least: this.book.position });
    try {
      this.book.add(await this.api.get(`${this.src}/entries?${query}`));
      this.coverage.draw(new Set());
      this.coverage.showOthers();
      this.masthead.draw();
    } catch (error) {
      this.notices.say(this.explain(error));
    }
  }

  /** Dress an entry as on the blog's own page: its language, its direction, its times. */
  dress(article, entry) {
    article.lang = this.book.header?.language ?? "";
    article.dir = "auto";
    this.times ??= new Times(document.createElement("div"), this.words.locale(navigator.language), this.zone);
    this.times.show(article);
    for (const image of article.querySelectorAll("img")) image.addEventListener("error", () => image.classList.add("missing"));
    return entry;
  }

  titleOf(entry) {
    if (entry.retracted) return this.words.say("reader.retracted");
    const said = entry.headline || entry.question || (entry.body_text ?? "").trim().split("\n")[0] || entry.quote?.speaker || entry.media?.[0]?.alt || "";
    return said.slice(0, 100) || this.words.say("console.untitled");
  }

  /** Who changed an entry last, as far as this desk has seen it. */
  whoTouched(id) {
    return this.#touched.get(id);
  }

  /** Some people in a sentence, each once. */
  people(present, key) {
    if (present.length === 0) return "";
    const names = [...new Set(present.map((each) => (this.presence.isMe(each) ? this.words.say("console.yourself") : each.actor.name)))];
    return this.words.say(key, { n: names.length, names: new Intl.ListFormat(this.words.language).format(names) });
  }

  /** Who else corrects an entry, and who else revises it. */
  editors(id, revising) {
    const { presence } = this;
    const said = [this.people(presence.at("correction", id), "console.correcting_now"), this.people(presence.at("entry", id), revising)];
    return said.filter(Boolean).join(" · ");
  }

  /** Why something did not go. */
  explain(error) {
    return error instanceof Refusal ? error.message : this.words.say("console.unreachable");
  }

  /**
   * Do something, and say so, with the way back.
   *
   * @param {object} command
   * @param {{undo?: () => void, quiet?: boolean}} given `quiet`: whoever asks says what was refused
   * @returns {Promise<Refusal|null>} null if it was done
   */
  async act(command, { undo, quiet = false } = {}) {
    const entry = command.entry_id && this.book.get(command.entry_id);
    const about = { type: command.type, title: entry ? this.titleOf(entry) : null };
    try {
      this.did(await this.outbox.send(this.path("commands"), command, about), about, undo);
      return null;
    } catch (error) {
      if (!quiet) this.notices.say(this.explain(error), { stays: true });
      return error;
    }
  }

  /** Say what was done. */
  did(answer, { type, title }, undo) {
    const text = this.words.say(`console.done_${type}`, { title: title ?? this.words.say("console.untitled") });
    const nothing = answer?.events?.length === 0;
    this.notices.say(nothing ? this.words.say("console.nothing_changed") : text, { undo: nothing ? undefined : undo });
  }

  edit(type, entry) {
    return this.editing.open(type, entry);
  }

  /** Go on with a draft. */
  async openDraft(draft) {
    const { command } = draft;
    if (command.type === NEW) {
      if (this.writing.keeping.id !== draft.id) {
        // What is being written there becomes, or stays, a draft of its own.
        await this.writing.keeping.flush().catch(() => {});
        await this.writing.begin({ command, draft });
      }
      this.writing.focus();
      this.presence.edit({ kind: "draft", id: draft.id });
      return;
    }
    const base = await this.#entry(command.entry_id);
    if (base) await this.editing.open(command.type, base, { command, draft });
  }

  async #entry(id) {
    try {
      return this.book.get(id) ?? (await this.api.get(`${this.src}/entries/${id}`));
    } catch (error) {
      this.notices.say(this.explain(error));
      return null;
    }
  }

  #tellWriting() {
    const { draft } = this.writing.keeping;
    this.presence.edit(draft ? { kind: "draft", id: draft.id } : { kind: "new", id: null });
  }

  #anew() {
    this.writing.begin();
    this.writing.focus();
  }

  #present(said) {
    const { others } = this.presence;
    document.querySelector("[data-people]").textContent = this.people(others, "console.here");
    this.coverage.showOthers();
    this.editing.showOthers();
    this.header?.showOthers();
    const place = document.querySelector("#new-entry .others");
    if (!place.querySelector(".theirs")) {
      const { draft } = this.writing.keeping;
      const here = draft ? this.presence.at("draft", draft.id) : [];
      const writing = here.length ? this.people(here, "console.also_editing") : this.people(this.presence.at("new"), "console.writing_now");
      place.textContent = writing;
      place.hidden = writing === "";
    }
    if (said) this.drafts.follow(said.drafts_revision);
  }
}

const words = await Words.load(document.body.dataset.words);
const desk = new Desk(document.body, words);
await desk.open();
