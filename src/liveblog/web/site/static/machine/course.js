/**
 * A blog's course, as its timeline tells: how much happened when, and what stood out.
 *
 * A place on the tape is a share of it, 0 to 1. With long silences shortened a share is no share of the hours any more;
 * the timeline's slices, which are equally long on the tape, say which hour lies where.
 */
export class Course {
  /**
   * Read the timeline; unchanged, it comes out of the browser's cache by its ETag.
   * @param {string} src The blog's address in the API.
   * @param {number|null} maxGap Seconds to which longer silences are shortened.
   */
  static async read(src, maxGap) {
    const gap = maxGap === null ? "" : `&max_gap=${maxGap}`;
    const answer = await fetch(`${src}/timeline?buckets=160${gap}`, { cache: "no-cache", credentials: "omit" });
    if (!answer.ok) throw new Error(`timeline: ${answer.status}`);
    return new Course(await answer.json());
  }

  constructor(timeline) {
    this.head = timeline.head;
    this.start = Date.parse(timeline.start);
    this.end = Date.parse(timeline.end);
    /** How long a replay of it all takes at rate 1, in milliseconds. */
    this.duration = timeline.duration_s * 1000;
    this.buckets = timeline.buckets;
    this.markers = timeline.markers.map((marker) => ({
      ...marker,
      at: Date.parse(marker.time),
      share: this.duration && (marker.offset_s * 1000) / this.duration,
    }));
    /** Whether it is over, unless it was taken up again since. */
    this.ended = this.markers.findLast(({ kind }) => kind === "end" || kind === "reopen")?.kind === "end";
    this.bounds = [...timeline.buckets.map(({ from }) => Date.parse(from)), this.end];
  }

  /** Where an instant lies. */
  share(at) {
    const last = this.bounds.length - 1;
    if (at <= this.start) return 0;
    if (at >= this.end) return 1;
    const index = this.bounds.findLastIndex((bound) => bound <= at);
    const [from, to] = [this.bounds[index], this.bounds[index + 1]];
    return (index + (to > from ? (at - from) / (to - from) : 0)) / last;
  }

  /** The instant that lies at a share. */
  instant(share) {
    const last = this.bounds.length - 1;
    const place = Math.min(Math.max(share, 0), 1) * last;
    const index = Math.min(Math.floor(place), last - 1);
    return this.bounds[index] + (this.bounds[index + 1] - this.bounds[index]) * (place - index);
  }

  /** The marked moment after a position, or before it; undefined where there is none. */
  marked(position, direction) {
    return direction > 0
      ? this.markers.find((marker) => marker.position > position)
      : this.markers.findLast((marker) => marker.position < position);
  }

  /** What stands out at a position: the markers of that event, one of a kind. */
  at(position) {
    return this.markers.filter((marker) => marker.position === position);
  }
}
