/** Dialogs that ask before something is done. Escape leaves everything as it is. */

import { el } from "../element.js";
import { instant, local } from "./fields.js";

/** Wait for a dialog's answer: the value of the button, or null. */
function answerOf(dialog, focus) {
  return new Promise((answered) => {
    const back = document.activeElement;
    dialog.returnValue = "";
    dialog.addEventListener(
      "close",
      () => {
        back?.focus?.();
        answered(dialog.returnValue || null);
      },
      { once: true },
    );
    dialog.showModal();
    focus?.focus();
  });
}

/** Let the button of no value close its dialog, and send the form with Ctrl+Enter. */
export function prepare(dialog) {
  dialog.addEventListener("click", ({ target }) => {
    if (target.closest("[data-do=cancel], [data-do=close]")) dialog.close("");
  });
  dialog.addEventListener("keydown", (event) => {
    const form = event.target.closest("form");
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || form?.method !== "dialog") return;
    event.preventDefault();
    form.requestSubmit(form.querySelector(".primary"));
  });
}

export class Asking {
  #words;

  constructor(words) {
    this.#words = words;
    for (const id of ["asking", "choosing", "scheduling"]) {
      const dialog = document.getElementById(id);
      if (dialog) prepare(dialog);
    }
  }

  /**
   * Ask for a reason, or only whether.
   *
   * @param {{title: string, text?: string, yes: string, label?: string}} given `label` of the field; none: no field
   * @returns {Promise<string|null>} what was written, or null: do not
   */
  async reason({ title, text = "", yes, label }) {
    const dialog = document.getElementById("asking");
    const field = dialog.querySelector("textarea");
    dialog.querySelector("h2").textContent = title;
    dialog.querySelector(".asking-text").textContent = text;
    dialog.querySelector(".primary").textContent = yes;
    field.value = "";
    field.required = Boolean(label);
    field.closest("label").hidden = !label;
    if (label) field.closest("label").querySelector(".name").textContent = label;
    const answer = await answerOf(dialog, label ? field : dialog.querySelector(".primary"));
    return answer === "yes" ? field.value.trim() : null;
  }

  /**
   * Show two versions beside each other.
   *
   * @param {{text: string, rows: {label: string, theirs: Node, mine: Node}[]}} given
   * @returns {Promise<"theirs"|"mine"|"merge">} Escape changes nothing yet: merge by hand
   */
  async choose({ text, rows }) {
    const dialog = document.getElementById("choosing");
    dialog.querySelector(".choosing-text").textContent = text;
    dialog.querySelector("tbody").replaceChildren(
      ...rows.map(({ label, theirs, mine }) =>
        el("tr", {}, el("th", { scope: "row" }, label), [theirs, mine].map((side) => el("td", { dir: "auto" }, side))),
      ),
    );
    return (await answerOf(dialog, dialog.querySelector(".primary"))) ?? "merge";
  }

  /** Ask for an instant to come: an RFC 3339 text, or null. */
  async instant(zone, before = null) {
    const dialog = document.getElementById("scheduling");
    const field = dialog.querySelector("input");
    const show = () => showZones(dialog.querySelector("[data-zones]"), field.value, zone, this.#words);
    field.oninput = show;
    field.min = local(new Date().toISOString());
    field.value = before ? local(before) : local(new Date(Date.now() + 10 * 60_000).toISOString());
    show();
    return (await answerOf(dialog, field)) === "yes" ? instant(field.value) : null;
  }
}

/** Say which moment a local date and time is, here and in the blog's own zone. */
export function showZones(place, text, zone, words) {
  const at = instant(text);
  place.textContent = at === null ? "" : words.say("console.zones", { here: moment(at, words), there: moment(at, words, zone), zone });
}

/** An instant in words, in the reader's zone or another, as the reader's own country writes it. */
export function moment(at, words, timeZone) {
  const style = { dateStyle: "medium", timeStyle: "short", timeZone };
  const locale = navigator.languages.find((each) => each.split("-")[0] === words.language) ?? words.language;
  try {
    return new Intl.DateTimeFormat(locale, style).format(new Date(at));
  } catch {
    return new Intl.DateTimeFormat(locale, { ...style, timeZone: "UTC" }).format(new Date(at)); // a zone it does not know
  }
}
