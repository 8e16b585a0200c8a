/** What is known so far, with what was said before and what was withdrawn, as templates/_points.html makes it. */

import { el, instant } from "./element.js";
import { sources } from "./parts.js";

export class Points {
  #histories = new Map();

  /** Take in what the server tells of all points, of later moments too. */
  load({ key_points: points }) {
    for (const { id, history } of points) {
      const later = (this.#histories.get(id) ?? []).filter(({ position }) => position > (history.at(-1)?.position ?? 0));
      this.#histories.set(id, [...history, ...later]);
    }
  }

  /** Note what an event changed of the points. */
  note(before, { header, position, at, by, data }) {
    const now = new Map(header.key_points.map((point) => [point.id, point]));
    const change = { position, at, by, reason: data.reason ?? null };
    for (const point of header.key_points)
      if (point.position === position) this.#add({ ...change, kind: "change" }, point);
    for (const point of before.key_points)
      if (!now.has(point.id)) this.#add({ ...change, kind: "withdrawal" }, point);
  }

  #add(change, { id, text, sources: from }) {
    const history = this.#histories.get(id) ?? [];
    if (history.at(-1)?.position >= change.position) return;
    this.#histories.set(id, [...history, { ...change, text, sources: from }]);
  }

  /** @returns {HTMLElement|false} The section as of a position. */
  show({ book, words }) {
    const listed = new Set(book.header.key_points.map(({ id }) => id));
    const past = (id) => (this.#histories.get(id) ?? []).filter(({ position }) => position <= book.position).toReversed();
    const withdrawn = [...this.#histories.keys()].filter((id) => !listed.has(id)).map((id) => past(id)[0]).filter(Boolean)
      .sort((a, b) => b.position - a.position);
    if (!listed.size && !withdrawn.length) return false;
    return el("section.points", { "aria-labelledby": "points-title" },
      el("h2.label", { id: "points-title" }, words.say("reader.points")),
      listed.size > 0 && el("ul.point-list", {}, book.header.key_points.map((point) => shown(point, past(point.id), words))),
      withdrawn.length > 0 && el("details.withdrawn", {},
        el("summary", {}, words.say("reader.points_withdrawn", { n: withdrawn.length })),
        el("ul", {}, withdrawn.map((each) => version(each, words)))));
  }
}

const why = (reason, words) => reason && el("p.reason", {}, el("span.lead", {}, words.say("reader.reason")), " ", reason);

const version = ({ text, reason, by, at }, words) =>
  el("li", {}, el("p.point-text", {}, text), why(reason, words), el("p.signed", {}, by && `${by} · `, instant(at)));

function shown(point, past, words) {
  const now = past.find(({ position }) => position === point.position);
  // A point withdrawn and set again said the same words twice: its withdrawal tells them too.
  const earlier = past.filter(({ position, kind, reason }) => position < point.position && (kind !== "withdrawal" || reason));
  return el("li.point", { "data-id": point.id, "data-revision": point.revision },
    el("p.point-text", {}, point.text),
    sources(point.sources, words),
    el("p.signed", {}, point.updated_at && [words.say("reader.updated"), " "], instant(point.updated_at ?? point.set_at, true)),
    why(now?.reason, words),
    earlier.length > 0 && el("details.earlier", {},
      el("summary", {}, words.say("reader.earlier", { n: earlier.length })),
      el("ol", {}, earlier.map((each) => version(each, words)))));
}
