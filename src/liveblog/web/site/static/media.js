/** Pictures and recordings that do not come: their words stand in their frame, and the text goes on. */

import { el } from "./element.js";

function fail(picture) {
  const frame = picture.closest(".frame");
  if (!frame || frame.querySelector(".failed")) return;
  picture.hidden = true;
  frame.append(el("span.failed.live", {}, picture.alt || picture.getAttribute("aria-label") || ""));
}

/**
 * Look after the pictures in a root, those to come as well.
 * @param {Element} root
 * @param {AbortSignal} signal
 */
export function watch(root, signal) {
  root.addEventListener("error", ({ target }) => target.matches("img, video") && fail(target), { capture: true, signal });
  for (const picture of root.querySelectorAll(".frame img"))
    if (picture.complete && !picture.naturalWidth && picture.currentSrc) fail(picture);
}
