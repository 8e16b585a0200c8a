/** Every word that a page says, by key, in the language of the blog; English where there is no other. */

const LANGUAGES = ["en", "de"];
const tables = new Map();

/** Read a table, once a page. */
const read = (name) => {
  if (!tables.has(name)) {
    const address = new URL(`./messages/${name}.json`, import.meta.url);
    const table = fetch(address).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))));
    table.catch(() => tables.delete(name));
    tables.set(name, table);
  }
  return tables.get(name);
};

export class Words {
  #table;
  #plural;

  constructor(language, table) {
    this.language = language;
    this.#table = table;
    this.#plural = new Intl.PluralRules(language);
  }

  /**
   * @param {string} tag A language as BCP 47 writes it, such as `de-AT`.
   * @param {string} [part] `reader.` for those words only that readers' pages need.
   */
  static async load(tag = "en", part = "") {
    const base = tag.toLowerCase().split("-")[0];
    const language = LANGUAGES.includes(base) ? base : "en";
    return new Words(language, await read(part + language));
  }

  /**
   * What dates are written as: in the blog's own way where it says which, else as the server writes them.
   * @param {string} tag
   */
  locale(tag) {
    if (tag.includes("-") && tag.toLowerCase().split("-")[0] === this.language) return tag;
    return this.language === "en" ? "en-GB" : this.language;
  }

  /** Which way a language is written. */
  direction(tag) {
    const locale = new Intl.Locale(tag);
    return (locale.getTextInfo?.() ?? locale.textInfo)?.direction ?? "ltr";
  }

  /**
   * @param {string} key
   * @param {object} [given] What stands in the text's braces; `n` chooses between one and many.
   * @returns {string}
   */
  say(key, given = {}) {
    let text = this.#table[key] ?? key;
    if (typeof text === "object") text = text[this.#plural.select(given.n)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (_, name) => given[name] ?? "");
  }
}
