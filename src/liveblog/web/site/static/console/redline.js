/** The difference of two texts by words, and how it is shown: what went on the one side, what came on the other. */

import { el } from "../element.js";

const MOST_CELLS = 4_000_000;

/**
 * Compare two texts.
 *
 * @returns {{op: "equal"|"delete"|"insert", text: string}[]} read without `insert` the one text, without `delete` the other
 */
export function compare(before, after) {
  const [one, other] = [words(before), words(after)];
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start += 1;
  let end = 0;
  const most = Math.min(one.length, other.length) - start;
  while (end < most && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1;
  const runs = [];
  const push = (op, text) => {
    if (text === "") return;
    if (runs.at(-1)?.op === op) runs.at(-1).text += text;
    else runs.push({ op, text });
  };
  push("equal", one.slice(0, start).join(""));
  for (const [op, word] of between(one.slice(start, one.length - end), other.slice(start, other.length - end)))
    push(op, word);
  push("equal", one.slice(one.length - end).join(""));
  return runs;
}

function words(text) {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/** The longest common subsequence of two lists of words; texts too long for it are one deletion and one insertion. */
function* between(one, other) {
  const width = other.length + 1;
  if ((one.length + 1) * width > MOST_CELLS) {
    for (const word of one) yield ["delete", word];
    for (const word of other) yield ["insert", word];
    return;
  }
  const longest = new Uint16Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i -= 1)
    for (let j = other.length - 1; j >= 0; j -= 1)
      longest[i * width + j] =
        one[i] === other[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
  let [i, j] = [0, 0];
  while (i < one.length || j < other.length) {
    if (i < one.length && j < other.length && one[i] === other[j]) {
      yield ["equal", one[i]];
      i += 1;
      j += 1;
    } else if (j >= other.length || (i < one.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
      yield ["delete", one[i]];
      i += 1;
    } else {
      yield ["insert", other[j]];
      j += 1;
    }
  }
}

/** One side of a difference: `delete` for the text as it was, `insert` for the text as it is. */
export function side(runs, op) {
  const shown = document.createDocumentFragment();
  for (const run of runs) {
    if (run.op !== "equal" && run.op !== op) continue;
    if (run.op === "equal") shown.append(run.text);
    else shown.append(el(op === "delete" ? "del" : "ins", {}, run.text));
  }
  return shown;
}

/** Show two sets of fields beside each other, one line for each field that either has; of the kind, only a change. */
export function showSides(before, after, names, places) {
  places.before.replaceChildren();
  places.after.replaceChildren();
  for (const [name, label] of names) {
    const [one, other] = [asText(before[name]), asText(after[name])];
    if ((one === "" && other === "") || (name === "kind" && one === other)) continue;
    const runs = compare(one, other);
    places.before.append(el("p", {}, named(label, side(runs, "delete"))));
    places.after.append(el("p", {}, named(label, side(runs, "insert"))));
  }
}

/** A field's name, and what it says. */
export const named = (label, content) => [el("span.lead", {}, label), el("span.text", { dir: "auto" }, content)];

/** A field's value in words: the parts of a thing after one another, each thing on a line of its own. */
export function asText(value) {
  if (value === null || value === undefined || value === false) return "";
  if (Array.isArray(value)) return value.map(asText).join("\n");
  if (typeof value === "object") return Object.values(value).map(asText).filter(Boolean).join(" · ");
  return String(value);
}
