// @ts-check
import { byId, setText } from './dom.js';

/** @import { RolloutReport } from '../../cache/cache-rollout.service.js' */
/** @import { RolloutPolicy } from '../../config/rollout-policy.js' */

/** Asks for whom a cache is to be used. */
export class RolloutForm {
  #dialog = byId('rollout', HTMLDialogElement);
  #form = byId('rollout-form', HTMLFormElement);
  #percent = byId('rollout-percent', HTMLInputElement);
  #tenants = byId('rollout-tenants', HTMLTextAreaElement);

  constructor() {
    this.#form.addEventListener('change', () => this.#showOn());
    byId('rollout-keep').addEventListener('click', () => this.#dialog.close(''));
    byId('rollout-options').addEventListener('click', () => this.#dialog.close('options'));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#dialog.close('changed');
    });
  }

  /**
   * @param {RolloutReport} rollout as it is now
   * @returns {Promise<RolloutPolicy | 'options' | undefined>} undefined to leave it
   */
  ask({ cache, state, overridden }) {
    setText(byId('rollout-title'), `Who uses ${cache}?`);
    this.#mode = state.mode;
    this.#percent.value = String(state.mode === 'on' ? state.percent : 100);
    this.#tenants.value = state.mode === 'on' ? state.tenants.join('\n') : '';
    byId('rollout-options').hidden = !overridden;
    this.#showOn();
    this.#dialog.returnValue = '';
    this.#dialog.showModal();
    return new Promise((resolve) => {
      const close = () => {
        const { returnValue } = this.#dialog;
        if (returnValue === 'options') resolve('options');
        else resolve(returnValue === 'changed' ? this.#said : undefined);
      };
      this.#dialog.addEventListener('close', close, { once: true });
    });
  }

  get #modes() {
    return /** @type {RadioNodeList} */ (this.#form.elements.namedItem('rollout-mode'));
  }

  get #mode() {
    return /** @type {'off' | 'shadow' | 'on'} */ (this.#modes.value);
  }

  set #mode(mode) {
    this.#modes.value = mode;
  }

  /** @returns {RolloutPolicy} */
  get #said() {
    if (this.#mode !== 'on') return { mode: this.#mode };
    const tenants = this.#tenants.value.split('\n').map((line) => line.trim());
    return { mode: 'on', percent: Number(this.#percent.value), tenants: tenants.filter(Boolean) };
  }

  #showOn() {
    byId('rollout-on').hidden = this.#mode !== 'on';
  }
}
