/** Reads a blog's documents over HTTP. */

/** The server has no such thing, or no longer: asking again is of no use. */
export class Gone extends Error {}

/**
 * @param {string} address Of a blog in the API, or below it.
 * @param {object} [query] Parameters; null and undefined are left out.
 * @returns {Promise<object>}
 * @throws {Gone} Where the server refuses for good.
 */
export async function read(address, query = {}) {
  const url = new URL(address, document.baseURI);
  for (const [name, value] of Object.entries(query)) if (value !== null && value !== undefined) url.searchParams.set(name, value);
  // Not what a cache may still hold a while longer: what was withdrawn since must not come back.
  const answer = await fetch(url, { cache: "no-cache", credentials: "omit" });
  if (answer.ok) return answer.json();
  if (answer.status < 500 && answer.status !== 429) throw new Gone(`${answer.status}`);
  throw new Error(`${answer.status}`);
}

/** Wait so many milliseconds, or until it is no longer wanted. */
export const sleep = (ms, signal) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
    signal.addEventListener("abort", resolve, { once: true });
  });
