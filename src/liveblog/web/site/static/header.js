/** The head of the coverage, its breaking news and its pinned entries, as their templates make them. */

import { article } from "./entry.js";
import { el, instant, joined } from "./element.js";
import { byline, links, medium } from "./parts.js";

const MOST_BREAKING = 3;
const COUNTS = ["entries", "corrections", "retracted"];

const between = (parts) => joined(parts.filter(Boolean), " · ");

/** @param {object} blog The live-blog element. */
export function header({ book, words, replaying, status }) {
  const { header: held, counts, time } = book;
  const stands = replaying ? "then" : held.status;
  const counted = COUNTS.filter((name) => name === "entries" || counts[name] > 0);
  return el("header.lb-header", { "data-revision": held.header_revision },
    el(`p.status.${stands}`, {},
      el("span.word", {}, words.say(`reader.status_${stands}`)), " ", el("span.connection", {}, status.text)),
    el("h1.headline", {}, held.headline),
    held.standfirst && el("p.standfirst", {}, held.standfirst),
    byline(held.contributors, "byline", words),
    el("p.dates", {}, between([
      held.started_at && el("span", {}, words.say("reader.began"), " ", instant(held.started_at)),
      held.ended_at ? el("span", {}, words.say("reader.ended"), " ", instant(held.ended_at))
        : !replaying && el("span", {}, words.say("reader.updated"), " ", instant(time, true))])),
    el("p.counts", {}, between(counted.map((name) => el("span.count", {}, words.say(`reader.count_${name}`, { n: counts[name] }))))),
    held.media.map((each) => medium(each, words)),
    held.links.length > 0 && el("nav.related", { "aria-label": words.say("reader.related") },
      el("p.label", {}, words.say("reader.related")), links(held.links)));
}

/** The newest breaking entries by name. */
export function banner(blog) {
  const { words } = blog;
  const shown = named(blog, "breaking").slice(0, MOST_BREAKING);
  return shown.length > 0 && el("aside.banner", { "aria-label": words.say("reader.breaking") },
    el("p.label", {}, words.say("reader.breaking")),
    el("ul", {}, shown.map((entry) => el("li", { "data-id": entry.id },
      el("a", { href: blog.address(entry.id, true) }, title(entry, words)), " ", instant(entry.published_at)))));
}

/** The pinned entries, whole. */
export function pinned(blog) {
  const shown = named(blog, "pinned");
  return shown.length > 0 && el("section.pinned-entries", { "aria-label": blog.words.say("reader.pinned") },
    shown.map((entry) => blog.decorate(article(entry, blog, "pinned"), entry)));
}

/** What the header names, but for what is new: of that the pill tells, and nothing moves. */
const named = ({ book, list }, which) => book.named(which).filter(({ id }) => !list.unseen.has(id));

const shortened = (text, most = 100) => {
  if ([...text].length <= most) return text;
  const cut = [...text].slice(0, most - 1).join("");
  return `${cut.slice(0, Math.max(0, cut.lastIndexOf(" "))).replace(/[ ,;:.-]+$/, "") || cut}\u2026`;
};

/** What an entry is called where it is only named: its headline, else its question, who is quoted, its first words … */
export function title(entry, words) {
  if (entry.retracted) return words.say("reader.retracted");
  if (entry.redacted && !entry.headline) return words.say("reader.redacted");
  const named = entry.headline || entry.question;
  let said = named || (entry.body_text ?? "").trim().split("\n")[0].trim();
  if (entry.quote && !named) said = said ? `${entry.quote.speaker}: ${said}` : entry.quote.speaker;
  for (const each of entry.media) said ||= each.caption || each.alt || "";
  return said ? shortened(said) : words.say(`reader.kind_${entry.kind}`);
}
