/** What becomes of a text when the entry or the draft under it is another by now. */

import { differing, fieldsOf, filled } from "./command.js";
import { choose } from "./contest.js";

/**
 * The entry was changed by somebody else since this was begun.
 *
 * @param {object} desk
 * @param {import("./writing.js").Writing} writing
 * @param {object} entry as it is now
 */
export async function contestEntry(desk, writing, entry) {
  const { words, labels } = desk;
  const { keeping } = writing;
  const theirs = fieldsOf(entry);
  const before = fieldsOf(keeping.base);
  const mine = writing.fields;
  const text = words.say("console.conflict_entry", { name: desk.whoTouched(entry.id) ?? words.say("console.somebody") });
  const changed = differing(before, mine);
  const choice = await choose(desk, { text, labels, theirs, mine, touched: changed });
  if (choice === "theirs") {
    await keeping.flush().catch(() => {});
    desk.copies.drop(keeping.id);
    await keeping.begin();
    desk.notices.say(words.say("console.mine_is_draft"));
    writing.dispatchEvent(new Event("handed"));
    return;
  }
  // What only they changed stays as they left it; what I changed is mine.
  const merged = { ...mine };
  for (const name of differing(before, theirs)) if (!changed.includes(name)) merged[name] = theirs[name];
  keeping.base = entry;
  writing.put(merged);
  writing.dispatchEvent(new Event("rebased"));
  if (choice === "mine") await writing.publish();
  else writing.beside(theirs);
}

/** The draft was changed by somebody else since it was opened here. */
export async function contestDraft(desk, writing, draft) {
  const { words, labels } = desk;
  const { keeping } = writing;
  const theirs = filled(draft.command, keeping.base);
  const text = words.say("console.conflict_draft", { name: draft.edited_by.name });
  const choice = await choose(desk, { text, labels, theirs, mine: writing.fields });
  if (choice === "theirs") {
    // Mine goes on as a draft of its own.
    writing.await(true);
    await desk.drafts.add(writing.command).catch(() => {});
    desk.copies.drop(keeping.id);
    await writing.begin({ command: draft.command, base: keeping.base, draft });
    return;
  }
  keeping.rebase(draft);
  writing.put(writing.fields);
  if (choice === "merge") writing.beside(theirs);
}
