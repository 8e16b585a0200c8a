/** What closed windows left behind: texts that nobody finished, and requests whose answer nobody heard. */

import { Refusal } from "./api.js";
import { NEW } from "./command.js";

export class Recovery {
  #desk;
  #notices = new Map();

  constructor(desk) {
    this.#desk = desk;
    desk.outbox.addEventListener("delayed", ({ detail }) => this.#delayed(detail.item));
    desk.outbox.addEventListener("known", ({ detail }) => this.#known(detail.item));
    desk.outbox.addEventListener("settled", ({ detail: { item, answer, refusal } }) => this.settle(item.about, answer, refusal));
  }

  /** What a closed window left behind: the newest new entry goes on here, all else becomes drafts. */
  async begin() {
    const { outbox, writing, notices, words } = this.#desk;
    const left = await this.#desk.copies.orphans();
    const sending = new Set(outbox.left().map((item) => item.about.copy));
    const newest = left.find(({ copy }) => copy.command.type === NEW);
    if (newest) await writing.begin({ id: newest.id, ...newest.copy, release: newest.release });
    else await writing.begin();
    if (newest && sending.has(newest.id)) writing.await(true);
    else if (newest) notices.say(words.say("console.recovered"));
    outbox.resume();
    for (const each of left) if (each !== newest && !sending.has(each.id)) await this.#rescue(each);
  }

  /** Hand a piece of writing that no window holds any more to the server. */
  async #rescue({ id, copy: { command, draft, dirty }, release }) {
    const { api, copies, drafts, notices, words } = this.#desk;
    if (dirty) {
      try {
        if (draft) await api.ask("PUT", this.#desk.path(`drafts/${draft.id}`), { body: { revision: draft.revision, command } });
        else await api.ask("POST", this.#desk.path("drafts"), { body: { id, command } });
        notices.say(words.say("console.rescued"));
      } catch (error) {
        if (!(error instanceof Refusal)) return; // it stays in the browser
        // The draft went on without it, or is gone: this becomes one of its own.
        if (error.status === 409 || error.status === 404) await drafts.add(command).catch(() => {});
      }
      drafts.reload();
    }
    copies.drop(id);
    release();
  }

  /** No answer yet: said once a request, until it is known. */
  #delayed({ key, about }) {
    if (this.#notices.has(key)) return;
    const { words, outbox, notices, writing } = this.#desk;
    const title = about.title ?? words.say("console.untitled");
    const actions = [{ label: words.say("console.try_now"), run: () => outbox.hurry() }];
    if (about.copy === writing.keeping.id)
      actions.push({ label: words.say("console.write_meanwhile"), run: () => writing.begin().then(() => writing.focus()) });
    this.#notices.set(key, notices.say(words.say("console.delayed", { title }), { actions, stays: true }));
  }

  #known({ key }) {
    this.#notices.get(key)?.remove();
    this.#notices.delete(key);
  }

  /**
   * An answer, or a refusal, has come: for the form that holds the text, if one still does.
   *
   * @param {object} about what was sent
   * @param {object|null} answer
   * @param {Error|null} refusal neither: another tab has been told
   */
  async settle(about, answer, refusal) {
    const { copies, drafts, editing, notices } = this.#desk;
    const writing = [this.#desk.writing, editing.writing].find((each) => about.copy && each.keeping.id === about.copy);
    if (answer === null && refusal === null) writing?.await(false);
    else if (refusal === null && writing) await writing.published(answer, about);
    else if (refusal === null) {
      if (about.copy) copies.drop(about.copy);
      if (about.draft && !about.handed) drafts.remove(about.draft).catch(() => {});
      this.#desk.did(answer, about);
    } else if (writing) await writing.refused(refusal, about);
    else {
      notices.say(this.#desk.explain(refusal), { stays: true });
      const copy = copies.read(about.copy);
      if (copy) await this.#rescue({ id: about.copy, copy: { ...copy, dirty: true }, release: () => {} });
    }
  }
}
