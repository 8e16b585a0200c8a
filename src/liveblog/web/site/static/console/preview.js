/** What is being written as its readers will see it; only the body's markup comes from the server. */

import { article } from "../entry.js";

const PAUSE_MS = 300;

export class Preview {
  #desk;
  #root;
  #timer = 0;
  #body = null;
  #html = "";

  constructor(desk, root) {
    this.#desk = desk;
    this.#root = root;
  }

  /**
   * Show the fields of a form.
   *
   * @param {object} fields
   * @param {object|null} base the entry that is changed
   */
  show(fields, base = null) {
    clearTimeout(this.#timer);
    const body = fields.body ?? "";
    if (body === this.#body || body === "") {
      this.#body = body;
      if (body === "") this.#html = "";
      this.#write(fields, base);
      return;
    }
    this.#write(fields, base);
    this.#timer = setTimeout(() => this.#render(body, fields, base), PAUSE_MS);
  }

  async #render(body, fields, base) {
    try {
      const { body_html } = await this.#desk.api.ask("POST", "/v1/admin/preview", { body: { body } });
      this.#html = body_html;
      this.#body = body;
    } catch {
      return; // what is shown is a little old; the next keystroke asks again
    }
    this.#write(fields, base);
  }

  #write(fields, base) {
    const now = new Date().toISOString();
    const list = (name) => (fields[name] ?? []).filter((each) => typeof each === "string" || each.name || each.title || each.url || each.alt);
    const entry = {
      ...(base ?? { id: "preview", position: 0, first_position: 0, corrections: [], published_at: fields.published_at ?? now, updated_at: null }),
      kind: fields.kind ?? "update",
      headline: fields.headline ?? null,
      body_html: this.#html || null,
      question: fields.question ?? null,
      quote: fields.quote?.speaker ? fields.quote : null,
      breaking: base ? base.breaking : Boolean(fields.breaking),
      pinned: base ? base.pinned : Boolean(fields.pinned),
      key_event: base ? base.key_event : Boolean(fields.key_event),
      retracted: null,
      redacted: null,
    };
    for (const name of ["contributors", "sources", "media", "links", "tags"]) entry[name] = list(name);
    entry.media = entry.media.map((each) => ({ duration_s: null, ...each, url: /^https?:\/\/./.test(each.url ?? "") ? each.url : null }));
    entry.links = entry.links.map((each) => ({ ...each, title: each.title ?? each.url }));
    const shown = article(entry, { words: this.#desk.words, address: () => "#", marked: null }, "preview");
    shown.removeAttribute("aria-labelledby");
    this.#desk.dress(shown, entry);
    // It leads nowhere: a link in it would take the writer away from the text.
    for (const link of shown.querySelectorAll("a")) link.removeAttribute("href");
    this.#root.replaceChildren(shown);
  }
}
