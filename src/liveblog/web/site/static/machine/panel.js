/** The time machine as it is seen: a bar at the foot of the coverage that opens into a tape and its keys. */
import { el } from "../element.js";
import { icon } from "./icon.js";
import { Moments } from "./moments.js";
import { Tape } from "./tape.js";

const RATES = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1000];

export class Panel {
  constructor(machine) {
    const { words, times } = machine.blog;
    const say = (key, given) => words.say(`machine.${key}`, given);
    Object.assign(this, { machine, times, say });
    const button = (name, act) => {
      const made = el(`button.machine-${name}`, { type: "button" });
      made.addEventListener("click", () => act.call(machine));
      return made;
    };
    /** A key with a picture; what it does is said in words to whoever points at it or hears it. */
    const key = (name, act, back = false) => {
      const made = button(name, act);
      made.append(icon(name, back));
      return label(made, say(name));
    };
    this.opener = button("open", () => {
      const watch = machine.ended && !machine.open;
      machine.unfold(!machine.open);
      if (watch) machine.play();
    });
    this.words = el("span");
    this.newer = el("span.machine-newer");
    this.stood = el("p.machine-stood", {}, this.words, " ", this.newer);
    this.tape = new Tape(machine, say);
    this.moments = new Moments(machine, say);
    this.toggle = button("play", () => (machine.playing ? machine.pause() : machine.play()));
    this.back = button("live", machine.live);
    this.stepOn = key("step_on", () => machine.step(1));
    this.rates = el("select.machine-rate", {}, RATES.map((rate) => this.#rate(rate)));
    this.rates.addEventListener("change", () => machine.speed(Number(this.rates.value)));
    this.skip = el("input", { type: "checkbox" });
    this.skip.addEventListener("change", () => machine.skip(this.skip.checked));
    this.deck = el("div.machine-deck", {},
      el("div.machine-keys", { role: "group", "aria-label": say("keys") },
        key("previous", () => machine.jump(-1), true), key("step_back", () => machine.step(-1), true),
        this.toggle, this.stepOn, key("next", () => machine.jump(1))),
      this.back,
      el("label", {}, el("span", {}, say("speed")), " ", this.rates),
      el("label", {}, this.skip, " ", say("skip")),
      this.moments.element);
    this.fault = el("p.machine-fault", { role: "alert" });
    this.body = el("div.machine-body", {}, this.fault, this.tape.element, this.deck);
    this.element = el("section.machine.live", { "aria-label": say("title") },
      el("div.machine-bar", {}, this.stood, this.opener), this.body);
    machine.blog.root.append(this.element);
  }

  remove() {
    this.element.remove();
  }

  /** Say that something cannot be shown, or no longer say so. */
  complain(refused) {
    const text = refused ? this.say("refused") : "";
    if (this.fault.textContent !== text) this.fault.textContent = text;
  }

  /** Draw everything as it is. */
  draw() {
    const { machine, say } = this;
    const { past, playing, open, ended, head, position } = machine;
    this.element.classList.toggle("past", past);
    this.body.hidden = !open;
    this.opener.setAttribute("aria-expanded", open);
    this.#name(open, ended);
    this.#stand(past, open, ended);
    if (!open) return;
    if (this.toggle.dataset.playing !== `${playing}`) {
      this.toggle.dataset.playing = playing;
      this.toggle.replaceChildren(icon(playing ? "pause" : "play"));
      label(this.toggle, say(playing ? "pause" : "play"));
    }
    this.stepOn.disabled = !past || position >= head;
    const newer = Math.max(0, head - position);
    this.back.hidden = !past;
    write(this.back, say(ended ? "to_end" : "to_live"));
    write(this.newer, past && newer ? say("newer", { n: newer }) : "");
    if (![...this.rates.options].some(({ value }) => Number(value) === machine.rate)) this.rates.append(this.#rate(machine.rate));
    this.rates.value = machine.rate;
    this.skip.checked = machine.wire.maxGap !== null;
    this.moments.draw(machine.course);
    this.tape.draw();
    this.move();
  }

  /** Move what moves with the clock. */
  move() {
    this.tape.move();
    if (this.clock) this.times.moment(this.clock, this.machine.time);
  }

  /** Which moment is shown, in words; the clock within them goes on. */
  #stand(past, open, ended) {
    const key = past ? "stood" : open ? (ended ? "at_end" : "now") : ended ? "over" : "";
    if (this.stood.dataset.key === key) return;
    this.stood.dataset.key = key;
    this.clock = past ? el("time") : null;
    const [before, after = ""] = key ? this.say(key, { time: "\0" }).split("\0") : [""];
    this.words.replaceChildren(before, ...(past ? [this.clock, after] : []));
    if (past) this.times.moment(this.clock, this.machine.time);
  }

  #name(open, ended) {
    const name = open ? "close" : ended ? "watch" : "open";
    if (this.opener.dataset.name === name) return;
    this.opener.dataset.name = name;
    this.opener.replaceChildren(open ? icon("close") : this.say(name));
    label(this.opener, this.say(name));
  }

  #rate(rate) {
    return el("option", { value: rate }, this.say("rate", { rate }));
  }
}

const write = (element, text) => element.textContent === text || (element.textContent = text);

function label(button, text) {
  button.setAttribute("aria-label", text);
  button.title = text;
  return button;
}
