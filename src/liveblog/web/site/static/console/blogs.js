/** The list of the blogs that somebody may edit, and a new one. */

import { el } from "../element.js";
import { Words } from "../words.js";
import { Api } from "./api.js";
import { moment } from "./asking.js";
import { uuid } from "./browser.js";
import { Fields } from "./fields.js";
import { SigningIn } from "./signing_in.js";

const words = await Words.load(document.body.dataset.words);
const signingIn = new SigningIn(words);
const api = new Api(() => signingIn.ask());

async function list() {
  const root = document.querySelector("[data-blogs]");
  for (let cursor = null; ; ) {
    const page = await api.get(`/v1/admin/blogs${cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`}`);
    root.append(
      ...page.blogs.map((blog) =>
        el("li", {},
          el("a", { href: `/admin/${blog.slug}`, dir: "auto" }, blog.headline),
          el("p.hint", {}, words.say(`console.status_${blog.status}`), " · ", blog.slug, " · ", words.say("console.last_event", { at: moment(blog.updated_at, words) })))),
    );
    cursor = page.next ?? null;
    if (cursor === null) break;
  }
  document.querySelector("[data-no-blogs]").hidden = root.children.length > 0;
}

function start(form) {
  const fields = new Fields(form, words);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  fields.fill({ language: words.language, time_zone: zone });
  let key = uuid();
  form.addEventListener("input", ({ target }) => {
    key = uuid();
    const { headline, slug } = form.elements;
    if (target === slug) slug.dataset.chosen = "yes";
    if (target !== headline || slug.dataset.chosen) return;
    const plain = headline.value.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
    slug.value = plain.slice(0, 60).replace(/-$/, "");
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fault = form.querySelector(".form-fault");
    fault.hidden = true;
    const body = Object.fromEntries(Object.entries(fields.value).filter(([, value]) => value !== null));
    try {
      const { blog } = await api.ask("POST", "/v1/admin/blogs", { body, key });
      location.assign(`/admin/${blog}`);
    } catch (error) {
      const left = fields.showFaults(error.problem?.errors ?? []);
      if (error.problem?.errors?.length && left.length === 0) return;
      fault.textContent = error.problem ? [error.problem.detail, ...left].join(" ") : words.say("console.unreachable");
      fault.hidden = false;
    }
  });
}

const form = document.getElementById("start");
if (form) start(form);
await list();
