/**
 * The replay's clock between two messages: it runs at the replay's rate from the last instant that the server told, by
 * the browser's monotonic clock, never by summing up, so nothing drifts and a tab that slept is right when it wakes.
 */
export class Clock {
  #at = 0;
  #time = 0;
  #rate = 0;

  /**
   * Stand at an instant as of now.
   * @param {number} time Milliseconds since 1970.
   * @param {number} rate Timeline seconds per second; 0: it stands.
   */
  set(time, rate) {
    this.#at = performance.now();
    this.#time = time;
    this.#rate = rate;
  }

  /**
   * The instant it stands at.
   * @param {import("./course.js").Course} [course] With silences shortened, the clock runs evenly on the tape, not in time.
   */
  read(course) {
    const passed = (performance.now() - this.#at) * this.#rate;
    if (!passed || !course?.duration) return this.#time + passed;
    return Math.max(this.#time, course.instant(course.share(this.#time) + passed / course.duration));
  }
}
