/** Whether the desk hears the blog right now, as honest as the readers' page. */

const TICK_MS = 5_000;
/** A silence that is worth a word, in seconds; heartbeats come more often. */
const SILENCE_S = 20;

export class Status {
  #desk;
  #place;
  #status = "connecting";

  constructor(desk, place) {
    this.#desk = desk;
    this.#place = place;
    desk.wire.addEventListener("status", ({ detail }) => {
      this.#status = detail.status;
      this.#draw();
    });
    desk.outbox.addEventListener("change", () => this.#draw());
    setInterval(() => this.#age(), TICK_MS);
    this.#draw();
  }

  /** How long ago the server said something, beside what is announced: nobody wants that read out every few seconds. */
  #age() {
    const age = Math.floor((performance.now() - this.#desk.wire.heard) / 1_000);
    this.#place.nextElementSibling.textContent = age < SILENCE_S ? "" : this.#desk.words.say("live.heard", { n: age });
  }

  #draw() {
    const { words, outbox } = this.#desk;
    const said = [words.say(`console.connection_${this.#status}`)];
    if (outbox.waiting) said.push(words.say("console.waiting", { n: outbox.waiting }));
    this.#place.textContent = said.join(" · ");
    this.#place.dataset.state = this.#status;
  }
}
