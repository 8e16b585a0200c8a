/**
 * Two people changed one thing. Both versions are shown, and whoever comes second decides: take theirs, keep one's own,
 * or merge by hand, with theirs beside the form until all is settled.
 */

import { asText, compare, side } from "./redline.js";

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
    const part = document.createElement("span");
    part.className = "theirs";
    const lead = document.createElement("span");
    lead.className = "lead";
    lead.textContent = label;
    const text = document.createElement("span");
    text.className = "text";
    text.dir = "auto";
    text.textContent = asText(theirs[name]);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = words.say("console.use_theirs");
    button.setAttribute("aria-label", words.say("console.use_theirs_of", { field: label }));
    button.addEventListener("click", () => {
      take(name, theirs[name]);
      part.remove();
    });
    part.append(lead, text, button);
    place.append(part);
  }
  place.hidden = false;
}

function different(labels, theirs, mine) {
  return labels.filter(([name]) => asText(theirs[name]) !== asText(mine[name]));
}
