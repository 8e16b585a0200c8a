/** Signed out in the middle of something: ask for a token over the page, which stays as it is. */

export class SigningIn {
  #dialog;
  #words;
  #actor;

  /** @param {string|null} actor whose page it is; somebody else begins with a page of their own */
  constructor(words, actor = null) {
    this.#dialog = document.getElementById("signing-in");
    this.#words = words;
    this.#actor = actor;
    this.#dialog.addEventListener("cancel", (event) => event.preventDefault());
  }

  /** Ask until a token is right. */
  ask() {
    const form = this.#dialog.querySelector("form");
    const field = form.elements.token;
    const fault = form.querySelector(".form-fault");
    const back = document.activeElement;
    return new Promise((done) => {
      form.onsubmit = async (event) => {
        event.preventDefault();
        fault.hidden = true;
        const said = await this.#send(field.value);
        if (said !== null) {
          fault.textContent = this.#words.say(said);
          fault.hidden = false;
          field.focus();
          return;
        }
        field.value = "";
        form.onsubmit = null;
        this.#dialog.close();
        back?.focus?.();
        done();
      };
      if (!this.#dialog.open) this.#dialog.showModal();
      field.focus();
    });
  }

  /** @returns {Promise<string|null>} the key of what went wrong */
  async #send(token) {
    try {
      const body = new URLSearchParams({ token, next: location.pathname });
      const answer = await fetch("/admin/sign-in", { method: "POST", body, redirect: "manual" });
      if (answer.type !== "opaqueredirect" && !answer.ok) return "console.wrong_token";
      const who = await fetch("/v1/admin/whoami", { cache: "no-store" });
      if (!who.ok) return "console.wrong_token";
      const { actor } = await who.json();
      if (this.#actor === null || actor.id === this.#actor) return null;
      // Somebody else: nothing that waits here may go out in their name.
      return await new Promise(() => location.reload());
    } catch {
      return "console.unreachable";
    }
  }
}
