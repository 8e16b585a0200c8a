/** Elements from values: names and attributes are ours, text is only ever text. */

/**
 * @param {string} name Such as `p.label.label-key`.
 * @param {object} [given] Attributes; null, undefined and false leave one out, true makes it empty.
 * @param {...(Node|string|null|false|Array)} children
 * @returns {HTMLElement}
 */
export function el(name, given = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(given)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.flat(2).filter((each) => each || each === 0));
  return made;
}

// A document may have the policy but once: a script that puts no markup into it leaves this out, which the mark allows.
const policy = /* @__PURE__ */ (() => {
  try {
    return globalThis.trustedTypes?.createPolicy("live-blog", { createHTML: (markup) => markup });
  } catch {
    return null; // somebody's page that lets no policy be: if it insists on one, texts with markup stay away
  }
})();

/** Put the one string of the protocol that is markup, which the server has sanitised, into an element. */
export function setMarkup(element, markup) {
  element.innerHTML = policy ? policy.createHTML(markup) : markup;
  return element;
}

/** Join values as the templates do: what is between two of them is text. */
export const joined = (values, between) => values.flatMap((value, index) => (index ? [between, value] : [value]));

/** An instant; whoever shows the times fills in the words. */
export const instant = (at, relative = false) => el("time", { datetime: at, "data-time": relative && "relative" });

/**
 * Make an element what another is, leaving alone those of its children that are the same already: a video plays on, a
 * text stays selected, what was opened stays open.
 * @param {Element} held
 * @param {Element} wanted Its children are taken out of it.
 */
export function patch(held, wanted) {
  for (const { name, value } of [...wanted.attributes]) if (held.getAttribute(name) !== value) held.setAttribute(name, value);
  for (const { name } of [...held.attributes]) if (!wanted.hasAttribute(name)) held.removeAttribute(name);
  const place = (details) => `${details.className} ${details.closest("[data-id]")?.dataset.id}`;
  const open = new Set([...held.querySelectorAll("details[open]")].map(place));
  for (const details of wanted.querySelectorAll("details")) details.open = open.has(place(details));
  let at = held.firstElementChild;
  for (const child of [...wanted.children]) {
    let same = at;
    while (same && !same.isEqualNode(child)) same = same.nextElementSibling;
    if (!same) held.insertBefore(child, at);
    else {
      while (at !== same) at = without(at);
      at = same.nextElementSibling;
    }
  }
  while (at) at = without(at);
}

const without = (element) => {
  const next = element.nextElementSibling;
  element.remove();
  return next;
};
