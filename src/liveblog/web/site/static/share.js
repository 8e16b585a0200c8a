/** An entry's permanent address, handed on: by the device where it can, else into the clipboard. */

/**
 * @param {{title: string, url: string}} what
 * @returns {Promise<"shared"|"copied"|"failed">}
 */
export async function share(what) {
  if (navigator.share && matchMedia("(pointer: coarse)").matches) {
    try {
      await navigator.share(what);
      return "shared";
    } catch (error) {
      if (error.name === "AbortError") return "shared"; // the reader thought better of it
    }
  }
  try {
    await navigator.clipboard.writeText(what.url);
    return "copied";
  } catch {
    return "failed"; // no clipboard here, such as on a page without TLS: the address is the entry's time
  }
}
