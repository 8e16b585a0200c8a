/** A list of things in a form, such as sources: rows of fields that can be added, taken away and moved. */

export class Rows {
  #root;
  #list;
  #row;

  /** @param {HTMLElement} root has `[data-list]`, a `<template>` of a row, and an add button */
  constructor(root) {
    this.#root = root;
    this.#list = root.querySelector("[data-list]");
    this.#row = root.querySelector("template");
    root.querySelector("[data-add]").addEventListener("click", () => {
      const row = this.#add({});
      row.querySelector("input, select, textarea").focus();
      this.#changed();
    });
    this.#list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.do === "remove") this.#remove(button.closest("[data-row]"));
      if (button?.dataset.do === "up") this.#raise(button.closest("[data-row]"), button);
    });
  }

  /** @returns {object[]} each row's filled fields; a row with nothing in it is none */
  get value() {
    return [...this.#list.children]
      .map((row) => Object.fromEntries(fields(row).map((field) => [field.dataset.part, read(field)])))
      .filter((row) => Object.entries(row).some(([part, each]) => part !== "type" && each !== null));
  }

  set value(rows) {
    this.#list.replaceChildren();
    for (const row of rows ?? []) this.#add(row);
  }

  #add(values) {
    const row = this.#row.content.firstElementChild.cloneNode(true);
    for (const field of fields(row)) {
      const value = values[field.dataset.part];
      if (value !== undefined && value !== null) field.value = value;
    }
    this.#list.append(row);
    return row;
  }

  #remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (next?.querySelector("input, select") ?? this.#root.querySelector("[data-add]")).focus();
    this.#changed();
  }

  #raise(row, button) {
    row.previousElementSibling?.before(row);
    button.focus();
    this.#changed();
  }

  #changed() {
    this.#root.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function fields(row) {
  return [...row.querySelectorAll("[data-part]")];
}

function read(field) {
  const text = field.value.trim();
  if (text === "") return null;
  return field.type === "number" ? Number(text) : text;
}
