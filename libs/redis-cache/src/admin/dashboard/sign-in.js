// @ts-check
import { byId, setText } from './dom.js';

const KEY = 'redis-cache.credential';
const REASON = 'redis-cache.left';

/** Keeps the credential for this tab, and asks for it. */
export class SignIn {
  #form = byId('sign-in', HTMLFormElement);
  #input = byId('credential', HTMLInputElement);

  get credential() {
    return sessionStorage.getItem(KEY) ?? undefined;
  }

  /** Why the last one left; told once. */
  get reason() {
    const reason = sessionStorage.getItem(REASON) ?? undefined;
    sessionStorage.removeItem(REASON);
    return reason;
  }

  /**
   * @param {string} why
   * @returns {Promise<string>} the credential
   */
  ask(why) {
    setText(byId('sign-in-why'), why);
    this.#form.hidden = false;
    byId('state').hidden = true;
    this.#input.focus();
    return new Promise((resolve) => {
      this.#form.onsubmit = (event) => {
        event.preventDefault();
        const { value } = this.#input;
        this.#input.value = '';
        this.#form.hidden = true;
        byId('state').hidden = false;
        sessionStorage.setItem(KEY, value);
        resolve(value);
      };
    });
  }

  forget() {
    sessionStorage.removeItem(KEY);
  }

  /** Forgets all that was shown to whoever was here. @param {string} why */
  leave(why) {
    this.forget();
    sessionStorage.setItem(REASON, why);
    location.reload();
  }
}
