/** What was changed in an entry, word by word, version by version; read when somebody asks. */

import { el, instant } from "./element.js";

const FIELDS = ["headline", "question", "body_markdown"];
const TAGS = { insert: "ins", delete: "del", equal: "span" };

/** The texts' runs: what came, what went, what stayed. */
const runs = (diff) =>
  FIELDS.filter((field) => diff[field]?.some(({ op }) => op !== "equal")).map((field) =>
    el("p.redline-text", {}, diff[field].map(({ op, text }) => el(TAGS[op] ?? "span", {}, text))));

const version = (change, words) => [
  el("p.signed", {}, words.say(change.kind === "correction" ? "live.corrected" : "live.revised"), " ",
    instant(change.at), change.by && ` · ${change.by}`),
  runs(change.diff),
  change.reason && el("p.reason", {}, el("span.lead", {}, words.say("reader.reason")), " ", change.reason),
];

/**
 * @param {object} history The entry with its history.
 * @param {number} position Of what came after it, nothing is said.
 * @param {Words} words
 * @returns {HTMLElement}
 */
export function redline(history, position, words) {
  const changes = history.history.filter(
    (change) => change.position <= position && ["correction", "revision"].includes(change.kind));
  return el("ol.redline", {}, changes.toReversed().map((change) => el("li", {}, version(change, words))));
}
