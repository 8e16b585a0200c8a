/** An entry's document as an element: the same elements, classes and words as templates/_entry.html makes. */

import { el, instant, setMarkup } from "./element.js";
import { byline, links, medium, sources } from "./parts.js";

const KINDS = ["summary", "question", "quote"];

/** Touched after its last correction, or without any, so that "updated" says something new. */
const revised = ({ updated_at, corrections, retracted }) =>
  updated_at && !retracted && (!corrections.length || updated_at > corrections.at(-1).at);

const classes = (entry) => [
  "entry", `kind-${entry.kind}`,
  entry.breaking && "breaking", entry.pinned && "pinned", entry.key_event && "key-event",
  entry.corrections.length > 0 && "corrected", entry.retracted && "retracted", entry.redacted && "redacted",
];

function labels(entry, words) {
  const label = (kind, key) => [el(`span.label.label-${kind}`, {}, words.say(`reader.${key}`)), " "];
  const shown = [
    entry.breaking && label("breaking", "breaking"),
    entry.pinned && label("pinned", "pinned"),
    entry.key_event && label("key", "key_event"),
    entry.retracted ? label("retracted", "retracted") : KINDS.includes(entry.kind) && label("kind", `kind_${entry.kind}`),
  ].filter(Boolean);
  return shown.length > 0 && el("p.labels", {}, shown);
}

function body(entry) {
  const { quote, body_html: markup } = entry;
  if (entry.kind === "quote" && quote)
    return el("figure.quote", {},
      markup && setMarkup(el("blockquote.body"), markup),
      el("figcaption.speaker", {}, el("span.name", {}, quote.speaker), quote.role && [", ", el("span.role", {}, quote.role)]));
  return markup && setMarkup(el("div.body"), markup);
}

const reason = (text, words) => el("p.reason", {}, el("span.lead", {}, words.say("reader.reason")), " ", text);

const correction = (each, words) =>
  el("aside.correction", { role: "note", "data-position": each.position, "aria-label": words.say("reader.correction") },
    el("p.label.label-correction", {}, words.say("reader.correction")),
    el("p.was", {}, el("span.lead", {}, words.say("reader.was")), " ", el("del", {}, each.was)),
    el("p.now", {}, el("span.lead", {}, words.say("reader.now")), " ", el("ins", {}, each.now)),
    reason(each.reason, words),
    el("p.signed", {}, words.say("reader.corrected_by", { name: each.by }), " · ", instant(each.at)));

const retraction = ({ reason: why, by, at }, words) =>
  el("div.retraction", {}, reason(why, words),
    el("p.signed", {}, words.say("reader.retracted_by", { name: by }), " · ", instant(at)));

const redaction = ({ reason: why, at }, words) =>
  el("div.redaction", {}, el("p.label.label-redacted", {}, words.say("reader.redacted")), reason(why, words),
    el("p.signed", {}, instant(at)));

/**
 * @param {object} entry Its document.
 * @param {{words: Words, address: (id: string) => string, marked: string|null}} page
 * @param {string} [prefix] `pinned` where it is shown among the pinned ones.
 * @returns {HTMLElement}
 */
export function article(entry, page, prefix = "entry") {
  const { words } = page;
  const id = `${prefix}-${entry.id}`;
  const marked = page.marked === entry.id && prefix === "entry";
  const made = el("article", {
    class: [...classes(entry), marked && "marked"].filter(Boolean).join(" "),
    id, "data-id": entry.id, "data-position": entry.position, "data-first-position": entry.first_position, tabindex: -1,
    "aria-labelledby": entry.headline && `${id}-headline`, "aria-current": marked && "true",
  },
  el("p.entry-time", {},
    el("a.permalink", { href: page.address(entry.id), title: words.say("reader.permalink") }, instant(entry.published_at))),
  el("div.entry-main", {},
    labels(entry, words),
    entry.retracted && retraction(entry.retracted, words),
    entry.redacted && redaction(entry.redacted, words),
    entry.headline && el("h2.entry-headline", { id: `${id}-headline` }, entry.headline),
    entry.question && el("p.question", {}, entry.question),
    body(entry),
    entry.media.map((each) => medium(each, words)),
    links(entry.links),
    sources(entry.sources, words),
    byline(entry.contributors, "entry-by", words),
    entry.tags.length > 0 && el("ul.tags", { "aria-label": words.say("reader.tags") }, entry.tags.map((tag) => el("li", {}, tag))),
    entry.corrections.map((each) => correction(each, words)),
    revised(entry) && el("p.updated", {}, words.say("reader.updated"), " ", instant(entry.updated_at, true))));
  return made;
}
