/** Where a coverage is: its address in the API, its pages, and what of it the page around asks for. */

import { asked } from "./machine/address.js";

export class Place {
  /** @param {string} src The blog's address in the API. */
  constructor(src) {
    const url = new URL(src, document.baseURI);
    this.origin = url.origin;
    this.slug = url.pathname.split("/").at(-1);
  }

  /** The path below the blog's own page, if the document is one of the blog's pages; else null. */
  get page() {
    const { origin, pathname } = location;
    if (origin !== this.origin) return null;
    if (pathname === `/${this.slug}`) return "";
    return pathname.startsWith(`/${this.slug}/`) ? pathname.slice(this.slug.length + 2) : null;
  }

  /** What of the blog the document's address names: a moment, an entry among its like, a page of older ones. */
  get wanted() {
    const [, around] = this.page?.match(/^entries\/([^/]+)$/) ?? [];
    return { ...asked(location), around, cursor: around ? null : new URLSearchParams(location.search).get("cursor") };
  }

  /** An entry's permanent address; at a position, if one is given. */
  address(id, position) {
    const query = position ? `?position=${position}` : "";
    return `${this.origin === location.origin ? "" : this.origin}/${this.slug}/entries/${id}${query}#entry-${id}`;
  }
}

/** What an embedded coverage's attributes ask for. */
export function attributed(element) {
  const given = ["position", "time", "rate"].filter((name) => element.hasAttribute(name));
  return asked({ search: `?${new URLSearchParams(given.map((name) => [name, element.getAttribute(name)]))}` }) ?? {};
}
