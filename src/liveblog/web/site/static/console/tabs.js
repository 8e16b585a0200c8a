/** The tabs of the board: arrows move between them, the address remembers which. */

export class Tabs extends EventTarget {
  #tabs;

  constructor(list) {
    super();
    this.#tabs = [...list.querySelectorAll("[role=tab]")];
    list.addEventListener("click", ({ target }) => {
      const tab = target.closest("[role=tab]");
      if (tab) this.show(nameOf(tab));
    });
    list.addEventListener("keydown", (event) => this.#move(event));
    this.show(location.hash.slice(1) || "coverage");
  }

  get shown() {
    return nameOf(this.#tabs.find((tab) => tab.getAttribute("aria-selected") === "true"));
  }

  show(name) {
    const chosen = this.#tabs.find((tab) => nameOf(tab) === name) ?? this.#tabs[0];
    for (const tab of this.#tabs) {
      const selected = tab === chosen;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !selected;
    }
    history.replaceState(null, "", nameOf(chosen) === "coverage" ? location.pathname : `#${nameOf(chosen)}`);
    this.dispatchEvent(new CustomEvent("shown", { detail: nameOf(chosen) }));
  }

  /** Say how many there are behind a tab. */
  count(name, number) {
    const place = this.#tabs.find((tab) => nameOf(tab) === name)?.querySelector(".tab-count");
    if (!place) return;
    place.hidden = number === 0;
    place.textContent = number;
  }

  #move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const towards = getComputedStyle(event.currentTarget).direction === "rtl" ? -step : step;
    const at = this.#tabs.findIndex((tab) => nameOf(tab) === this.shown);
    const next = this.#tabs.at((at + towards) % this.#tabs.length);
    this.show(nameOf(next));
    next.focus();
  }
}

function nameOf(tab) {
  return tab.id.replace("tab-", "");
}
