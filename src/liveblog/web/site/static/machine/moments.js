/** The marked moments as a list of links into the past, for whoever would rather read than drag. */
import { el, instant } from "../element.js";

export class Moments {
  #drawn = null;

  constructor(machine, say) {
    Object.assign(this, { machine, say });
    this.list = el("ol");
    this.element = el("details.machine-moments", {}, el("summary", {}, say("moments")), this.list);
    this.list.addEventListener("click", ({ target }) => {
      const to = target.closest("button")?.dataset.to;
      if (to) this.#go(machine.course.at(Number(to))[0]);
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.element.open) return;
      event.stopPropagation();
      this.#fold();
    });
    this.element.addEventListener("toggle", () => this.draw(machine.course));
  }

  /** Draw the course's moments; while nobody looks, not yet. */
  draw(course) {
    this.element.hidden = !course?.markers.length;
    if (!course || !this.element.open || course === this.#drawn) return;
    this.#drawn = course;
    const positions = [...new Set(course.markers.map(({ position }) => position))];
    this.list.replaceChildren(...positions.map((position) => {
      const [{ time, kind, label }, ...more] = course.at(position);
      const kinds = [kind, ...more.map((marker) => marker.kind)].map((name) => this.say(`kind_${name}`));
      return el(`li.mark-${kind}`, {}, el("button", { type: "button", "data-to": position },
        instant(time), " ", el("span.label", {}, kinds.join(" · ")), label && [" ", el("span.machine-label", {}, label)]));
    }));
    this.machine.blog.times.show(this.list);
  }

  #go(marker) {
    this.#fold();
    if (marker) this.machine.visit(marker);
  }

  #fold() {
    this.element.open = false;
    this.element.firstChild.focus();
  }
}
