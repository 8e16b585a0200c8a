/** The fields of an entry, or of the blog's header, in a form: what they hold, how long it is, what is wrong with it. */

import { el } from "../element.js";
import { Rows } from "./rows.js";

/** How the server says that something should stand where nothing does. */
const MISSING = /^required$|not blank$/;

let forms = 0;

export class Fields {
  #form;
  #words;
  #rows = new Map();
  #number = (forms += 1);

  constructor(form, words) {
    this.#form = form;
    this.#words = words;
    for (const root of form.querySelectorAll("[data-rows]")) this.#rows.set(root.dataset.rows, new Rows(root));
    form.addEventListener("input", ({ target }) => {
      this.#count(target);
      this.#mend(target.closest("[data-path]") ?? target);
    });
    form.addEventListener("change", () => this.#follow());
    this.#follow();
  }

  /** Everything that the form holds; null where a field is empty. */
  get value() {
    const found = {};
    for (const [name, rows] of this.#rows) found[name] = rows.value;
    for (const field of this.#named()) {
      if (field.type === "radio") {
        if (field.checked) found[field.name] = field.value;
      } else if (field.type === "checkbox") found[field.name] = field.checked;
      else if (field.type === "datetime-local") found[field.name] = instant(field.value);
      else found[field.name] = field.value === "" ? null : field.value;
    }
    if (typeof found.tags === "string") found.tags = found.tags.split(",").map((tag) => tag.trim()).filter(Boolean);
    else if ("tags" in found) found.tags = [];
    const { speaker, speaker_role: role, ...rest } = found;
    if (!("speaker" in found)) return found;
    // Who is quoted belongs to a quotation; what another kind's form hides stays where it was.
    return { ...rest, quote: speaker || role ? { speaker, ...(role && { role }) } : null };
  }

  /** Put values in; what is not named is emptied. */
  fill(given) {
    const value = { ...given, tags: (given.tags ?? []).join(", ") };
    value.speaker = given.quote?.speaker;
    value.speaker_role = given.quote?.role;
    for (const [name, rows] of this.#rows) rows.value = value[name];
    for (const field of this.#named()) {
      const each = value[field.name];
      if (field.type === "radio") field.checked = field.value === (each ?? "update");
      else if (field.type === "checkbox") field.checked = Boolean(each);
      else if (field.type === "datetime-local") field.value = each ? local(each) : "";
      else field.value = each ?? "";
    }
    this.clearFaults();
    this.#follow();
  }

  /**
   * Say what is wrong where it is wrong.
   *
   * @param {{path: string, message: string}[]} faults
   * @returns {string[]} what could be said nowhere
   */
  showFaults(faults) {
    this.clearFaults();
    const left = [];
    let first = null;
    for (const { path, message } of faults) {
      const field = this.#at(path);
      if (field === null) {
        left.push(`${path}: ${message}`);
        continue;
      }
      first ??= field;
      const place = field.closest("label, fieldset") ?? field.parentElement;
      const id = `fault-${this.#number}-${path.replace(/[^a-z0-9]+/gi, "-")}`;
      const said = field.value === "" && MISSING.test(message) ? this.#words.say("console.required") : message;
      const fault = el("span.fault", { id }, said);
      place.append(fault);
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", fault.id);
    }
    const hidden = first?.closest("details:not([open])");
    if (hidden) hidden.open = true;
    first?.focus();
    return left;
  }

  clearFaults() {
    for (const fault of this.#form.querySelectorAll(".fault")) fault.remove();
    for (const field of this.#form.querySelectorAll("[aria-invalid]")) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
  }

  #mend(field) {
    if (field.getAttribute?.("aria-invalid") !== "true") return;
    document.getElementById(field.getAttribute("aria-describedby"))?.remove();
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }

  #named() {
    return [...this.#form.elements].filter((field) => field.name && field.type !== "fieldset");
  }

  /** The field that a path such as `media[0].alt` or `quote.speaker` names, or the nearest one. */
  #at(path) {
    const [, name, index, part] = /^([a-z_]+)(?:\[(\d+)\])?(?:\.([a-z_]+))?/.exec(path) ?? [];
    if (name === "quote") return this.#form.elements[part === "role" ? "speaker_role" : "speaker"] ?? null;
    const rows = this.#form.querySelector(`[data-rows="${name}"]`);
    if (rows) {
      const row = rows.querySelector("[data-list]").children[index ?? 0];
      return row?.querySelector(`[data-part="${part}"]`) ?? row?.querySelector("[data-part]") ?? rows.querySelector("[data-add]");
    }
    const field = this.#form.elements[name];
    return field instanceof RadioNodeList ? field[0] : (field ?? null);
  }

  /** Show what belongs to the chosen kind, and each field's count. */
  #follow() {
    const kind = this.#form.querySelector('[name="kind"]:checked')?.value;
    for (const part of this.#form.querySelectorAll("[data-kind]")) {
      const filled = [...part.querySelectorAll("input, textarea")].some((field) => field.value !== "");
      part.hidden = !part.dataset.kind.split(" ").includes(kind) && !filled;
    }
    for (const field of this.#form.querySelectorAll("[data-limit]")) this.#count(field);
  }

  #count(field) {
    const limit = Number(field.dataset?.limit);
    const shown = limit ? field.closest("label")?.querySelector(".count") : null;
    if (!shown) return;
    const length = [...field.value].length; // characters, as the server counts them, not UTF-16 units
    shown.textContent = this.#words.say("console.count", { length, limit });
    shown.classList.toggle("over", length > limit);
    shown.hidden = length < limit / 2;
  }
}

/** Let a form be sent by its button and by Ctrl+Enter alone: what it says is public, and Enter is pressed lightly. */
export function deliberately(form, send) {
  form.addEventListener("submit", (event) => (event.preventDefault(), send()));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    const asked = event.ctrlKey || event.metaKey;
    if (asked || event.target.matches("input")) event.preventDefault();
    if (asked) send();
  });
}

/** The instant that a field's local date and time names; null if it is empty. */
export function instant(text) {
  const date = new Date(text);
  return Number.isNaN(date.valueOf()) ? null : date.toISOString();
}

/** An instant as a field of local date and time holds it. */
export function local(text) {
  const date = new Date(text);
  const shifted = new Date(date.valueOf() - 60_000 * date.getTimezoneOffset());
  return shifted.toISOString().slice(0, 16);
}
