/** What browsers give only to pages from https or from this very machine; a newsroom's own network may be neither. */

/** A random UUIDv4 (RFC 9562, section 5.4). */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Do something while no other tab holds the lock of this name. Without locks two tabs may both do it. */
export function inTurn(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}

/** How long to wait for what a tab that is just being closed still holds, in milliseconds. */
const PATIENCE_MS = 300;

/**
 * Hold a name for this tab until it closes, or until what is returned is called.
 *
 * @returns {Promise<(() => void)|null>} null if another tab holds it
 */
export function hold(name) {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((held) => {
    const wish = { signal: AbortSignal.timeout(PATIENCE_MS) };
    navigator.locks.request(name, wish, () => new Promise((release) => held(release))).catch(() => held(null));
  });
}

/** A store of the browser's that keeps nothing where it may not: reads null, and says whether it wrote. */
export const shelf = {
  read(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      localStorage.setItem(name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
  drop(name) {
    try {
      localStorage.removeItem(name);
    } catch {
      // There is nothing, then.
    }
  },
  names(prefix) {
    try {
      return Object.keys(localStorage).filter((name) => name.startsWith(prefix));
    } catch {
      return [];
    }
  },
};
