/** What stands around the list of entries, in its order: head, breaking news, key points, key events, pinned entries. */

import { el, patch } from "./element.js";
import { banner, header, pinned } from "./header.js";

/** The frame that the sections stand in, where the server's page is not there to bring it. */
export const furniture = () => el("div.desk", {}, el("div.side"), el("div.main"));

/** Bring the sections up to date. */
export function draw(blog) {
  const { root, points, turns } = blog;
  const [side, main] = [root.querySelector(".side"), root.querySelector(".main")];
  section(blog, root, ".lb-header", header(blog), ".desk");
  section(blog, root, ".banner", banner(blog), ".lb-header, .desk");
  section(blog, side, ".points", points.show(blog), ".turns");
  section(blog, side, ".turns", turns.show(blog), ":scope > :not(*)");
  section(blog, main, ".pinned-entries", pinned(blog), ".coverage");
}

function section({ times }, parent, selector, wanted, before) {
  const held = parent.querySelector(`:scope > ${selector}`);
  if (wanted === null) return;
  if (wanted) times.show(wanted);
  if (!wanted) held?.remove();
  else if (held) patch(held, wanted);
  else parent.insertBefore(wanted, parent.querySelector(before));
}

/**
 * Link a sheet into a page or a root of its own, unless it is there.
 * @returns {Promise|null} Resolves when it is there, or is known not to come.
 */
export function dress(into, name) {
  const { href } = new URL(`./${name}`, import.meta.url);
  if ([...into.querySelectorAll("link")].some((link) => link.href === href)) return null;
  const link = el("link", { rel: "stylesheet", href });
  return new Promise((resolve) => {
    link.onload = link.onerror = resolve;
    into.append(link);
  });
}
