/**
 * Two people changed one thing. Both versions are shown, and whoever comes second decides: take theirs, keep one's own,
 * or merge by hand, with theirs beside the form until all is settled.
 */

import { el } from "../element.js";
import { asText, compare, named, side } from "./redline.js";

/**
 * @param {object} desk
 * @param {{text: string, labels: [string, string][], theirs: object, mine: object, touched?: string[]}} given `touched`:
 *   the fields that were changed here; of others, theirs stays whatever is chosen
 * @returns {Promise<"theirs"|"mine"|"merge">}
 */
export function choose(desk, { text, labels, theirs, mine, touched = Object.keys(mine) }) {
  const rows = different(labels, theirs, mine).map(([name, label]) => {
    if (!touched.includes(name)) return { label, theirs: asText(theirs[name]), mine: desk.words.say("console.untouched") };
    const runs = compare(asText(theirs[name]), asText(mine[name]));
    return { label, theirs: side(runs, "delete"), mine: side(runs, "insert") };
  });
  return desk.asking.choose({ text, rows });
}

/** Show their version beside the form, with a way to take each part of it. */
export function showTheirs(desk, place, { labels, theirs, mine, take }) {
  const { words } = desk;
  place.replaceChildren(words.say("console.their_version"));
  for (const [name, label] of different(labels, theirs, mine)) {
    const use = { type: "button", "aria-label": words.say("console.use_theirs_of", { field: label }) };
    const button = el("button.small", use, words.say("console.use_theirs"));
    const part = el("span.theirs", {}, named(label, asText(theirs[name])), button);
    button.addEventListener("click", () => {
      take(name, theirs[name]);
      part.remove();
    });
    place.append(part);
  }
  place.hidden = false;
}

function different(labels, theirs, mine) {
  return labels.filter(([name]) => asText(theirs[name]) !== asText(mine[name]));
}
