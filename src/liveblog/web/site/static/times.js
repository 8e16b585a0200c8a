// Every <time datetime> of a page as its reader needs it: in the reader's zone, with the event's own zone beside it
// wherever the two differ at that very instant. A <time data-time="relative"> says how long ago, and ticks.
// All of it is Intl's knowledge, so that it is right on both sides of a change of the clocks.

const MINUTE = 60_000;
const TICK = 15_000;
const UNITS = [["hour", 60 * MINUTE], ["minute", MINUTE]];
const EVERY = 'time[datetime]:not([data-time="moment"])';
const FULL = { dateStyle: "full", timeStyle: "long", hourCycle: "h23" };

export class Times {
  /**
   * @param {ParentNode} root where the times stand
   * @param {string} language of the texts
   * @param {string} zone the event's own, an IANA name; one that the browser does not know is left out
   */
  constructor(root, language, zone) {
    this.root = root;
    this.now = () => Date.now(); // the time machine puts its own clock here
    this.ago = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    this.here = new Zone(language);
    /** The place that the reader's zone is named after. */
    this.zoneName = this.here.name.split("/").pop().replaceAll("_", " ");
    try {
      this.there = new Zone(language, zone);
    } catch {
      this.there = this.here;
    }
    this.wake = () => this.rest() || document.hidden || this.tick();
    document.addEventListener("visibilitychange", this.wake);
    // All that is to say of an instant is worked out for the one that somebody points at.
    this.tell = ({ target }) => {
      const time = target.closest(EVERY);
      if (time && !time.title) time.title = this.full(Date.parse(time.dateTime));
    };
    root.addEventListener("pointerover", this.tell);
    this.day = this.here.day(this.now());
    this.wake();
  }

  /** Show the times within a node. */
  show(within = this.root) {
    const today = this.here.day(this.now());
    for (const time of within.querySelectorAll(EVERY)) this.write(time, today);
  }

  /** Show an instant to the second, as it passes. */
  moment(time, at) {
    const parts = [["lb-day", this.here.date(at)], ["lb-here", this.here.seconds(at)]];
    if (this.differ(at)) parts.push(["lb-there", this.there.seconds(at)]);
    if (!this.fill(time, parts)) return;
    time.dateTime = new Date(at).toISOString();
    time.dataset.time = "moment";
  }

  /** An instant in words alone. */
  words(at) {
    return this.clock(at, "").map(([name, words]) => (name === "lb-there" ? `(${words})` : words)).join(" ");
  }

  /** Let time have passed. */
  tick() {
    const today = this.here.day(this.now());
    const stale = today === this.day ? 'time[data-time="relative"]' : EVERY;
    for (const time of this.root.querySelectorAll(stale)) this.write(time, today);
    this.day = today;
    this.rest();
    if (!document.hidden) this.timer = setTimeout(() => this.tick(), TICK);
  }

  /** Be quiet until something is to be seen again. */
  rest() {
    clearTimeout(this.timer);
  }

  /** Stop for good. */
  close() {
    this.rest();
    document.removeEventListener("visibilitychange", this.wake);
    this.root.removeEventListener("pointerover", this.tell);
  }

  write(time, today) {
    const at = Date.parse(time.dateTime);
    if (Number.isNaN(at)) return;
    const ago = time.dataset.time === "relative" && this.since(at);
    if (this.fill(time, ago ? [["lb-ago", ago]] : this.clock(at, today))) time.title = "";
  }

  /** Put words into a time, unless they stand there already. */
  fill(time, parts) {
    if (time.textContent === parts.map(([, words]) => words).join(" ")) return false;
    time.replaceChildren(...parts.flatMap(([className, textContent], index) => {
      const span = Object.assign(document.createElement("span"), { className, textContent });
      return index ? [" ", span] : [span];
    }));
    return true;
  }

  /** How long ago it was; nothing where it is a day or more, or still to come. */
  since(at) {
    const passed = this.now() - at;
    if (passed < -MINUTE || passed >= 24 * 60 * MINUTE) return null;
    const [unit, size] = UNITS.find(([, size]) => passed >= size) ?? UNITS[1];
    return this.ago.format(-Math.max(0, Math.floor(passed / size)), unit);
  }

  /** The day where it is not today, the reader's clock, and the event's where it shows something else. */
  clock(at, today) {
    const parts = [["lb-here", this.here.clock(at)]];
    if (this.here.day(at) !== today) parts.unshift(["lb-day", this.here.date(at, today)]);
    if (this.differ(at)) {
      const date = this.there.day(at) === this.here.day(at) ? "" : `${this.there.date(at, this.here.day(at))} `;
      parts.push(["lb-there", `${date}${this.there.named(at)}`]);
    }
    return parts;
  }

  /** Whether the clocks here and there show something else at an instant. */
  differ(at) {
    return this.here.offset(at) !== this.there.offset(at);
  }

  /** Everything about an instant, a line each: the reader's zone, the event's, ISO 8601. */
  full(at) {
    return [...new Set([this.here.full(at), this.there.full(at), new Date(at).toISOString()])].join("\n");
  }
}

/** A zone's clocks. */
class Zone {
  constructor(language, timeZone) {
    const make = (options, locale = language) => {
      const format = new Intl.DateTimeFormat(locale, { timeZone, ...options });
      return (at) => format.format(at).replace("GMT-", "GMT\u2212"); // at a hyphen the line could break
    };
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const short = make({ day: "numeric", month: "short" });
    const long = make({ day: "numeric", month: "short", year: "numeric" });
    this.name = new Intl.DateTimeFormat(language, { timeZone }).resolvedOptions().timeZone;
    /** The clock, such as 02:30, and with the zone's name. */
    this.clock = make(clock);
    this.named = make({ ...clock, timeZoneName: "short" });
    this.seconds = make({ ...clock, second: "2-digit", ...(timeZone && { timeZoneName: "short" }) });
    this.full = make(FULL);
    /** What the zone's calendar says, such as 2020-01-08, to compare days with. */
    this.day = make({ year: "numeric", month: "2-digit", day: "2-digit" }, "en-CA");
    /** The date, with its year where that is another than of the day it is seen on. */
    this.date = (at, day = "") => (this.day(at).slice(0, 4) === day.slice(0, 4) ? short(at) : long(at));
    const offset = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
    this.offset = (at) => offset.formatToParts(at).find(({ type }) => type === "timeZoneName").value;
  }
}
