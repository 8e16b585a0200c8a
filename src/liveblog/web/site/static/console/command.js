/** From what stands in a form to the command that says it. Pure. */

export const NEW = "publish_entry";
const TEXTS = ["headline", "body", "question"];
const LISTS = ["contributors", "sources", "media", "links", "tags"];
const FIELDS = ["kind", ...TEXTS, "quote", ...LISTS];
const FLAGS = ["breaking", "pinned", "key_event"];

/** What an entry's document holds, under the names that commands use. */
export function fieldsOf(entry) {
  const { kind, headline, question, quote, contributors, sources, media, links, tags } = entry;
  return { kind, headline, body: entry.body_markdown, question, quote, contributors, sources, media, links, tags };
}

/** A value without what is null or empty, at every level: how two are compared, and how little is sent. */
export function pruned(value) {
  if (Array.isArray(value)) return value.map(pruned).filter((each) => each !== undefined);
  if (value !== null && typeof value === "object") {
    const kept = Object.entries(value).map(([name, each]) => [name, pruned(each)]);
    const object = Object.fromEntries(kept.filter(([, each]) => each !== undefined && !isEmpty(each)));
    return Object.keys(object).length ? object : undefined;
  }
  return value === null || value === "" ? undefined : value;
}

function isEmpty(value) {
  return Array.isArray(value) && value.length === 0;
}

/** The fields in which two sets of fields differ. */
export function differing(one, other) {
  return FIELDS.filter((name) => JSON.stringify(canonical(one[name])) !== JSON.stringify(canonical(other[name])));
}

function canonical(value) {
  const kept = pruned(value);
  if (kept === undefined || isEmpty(kept)) return null;
  if (Array.isArray(kept)) return kept.map(canonical);
  if (typeof kept !== "object") return kept;
  return Object.fromEntries(Object.entries(kept).sort().map(([name, each]) => [name, canonical(each)]));
}

/** Publish what the form holds as a new entry. Its id is the writer's, so that it can be published once only. */
export function publishing(value, entryId) {
  const command = { type: "publish_entry", entry_id: entryId, kind: value.kind };
  const kept = pruned(value) ?? {};
  for (const name of [...FIELDS, "published_at"]) {
    if (kept[name] !== undefined && !isEmpty(kept[name])) command[name] = kept[name];
  }
  for (const name of FLAGS) if (value[name]) command[name] = true;
  return command;
}

/**
 * Change an entry: only the fields that differ from what it was.
 *
 * @param {"revise_entry"|"correct_entry"} type
 * @param {object} base the entry's document that the writer began from
 * @param {object} value what the form holds
 */
export function changing(type, base, value) {
  const command = { type, entry_id: base.id, expected_revision: base.revision };
  for (const name of differing(fieldsOf(base), value)) {
    const kept = pruned(value[name]);
    command[name] = kept ?? (LISTS.includes(name) ? [] : null);
  }
  if (type === "correct_entry") for (const name of ["was", "now", "reason"]) command[name] = value[name] ?? "";
  return command;
}

/** What a form must hold for a command: the entry's fields, with the command's over them. */
export function filled(command, base = null) {
  const fields = { ...(base ? fieldsOf(base) : {}) };
  for (const [name, each] of Object.entries(command)) {
    if (!["type", "entry_id", "expected_revision"].includes(name)) fields[name] = each;
  }
  return fields;
}

/** Whether a command says anything yet. */
export function says(command) {
  const idle = new Set(["type", "entry_id", "expected_revision", "kind"]);
  return Object.entries(command).some(([name, each]) => !idle.has(name) && each !== "" && each !== false);
}
