// @ts-check
import { ProblemError } from './api.js';
import { confirmEviction } from './confirm.js';
import { byId, make, setText } from './dom.js';
import { viewOf } from './entry-view.js';
import { tenantName, time } from './format.js';
import { LookupForm } from './lookup-form.js';

/** @import { AdminEntry, EntryEvicted } from '../admin.contract.js' */
/** @import { Api } from './api.js' */
/** @import { EntryAddress, EntryQuery } from './lookup-form.js' */
/** @import { Store } from './store.js' */

/** Looks up, explains and evicts one entry. */
export class Lookup {
  #api;
  #store;
  #form;
  #status = byId('lookup-status');
  #result = byId('lookup-result');
  /** Counts the questions: an answer to an earlier one is not shown. */
  #asked = 0;

  /** @param {Store} store @param {Api} api */
  constructor(store, api) {
    this.#store = store;
    this.#api = api;
    this.#form = new LookupForm(store, () => void this.#explain());
    byId('to-lookup').addEventListener('click', () => this.#form.focus());
  }

  /** @param {EntryAddress} address */
  show(address) {
    this.#form.fill(address);
    this.#form.focus();
    void this.#explain();
  }

  /** @param {string} [done] what has just been done to the entry */
  async #explain(done = '') {
    const asked = ++this.#asked;
    const { query } = this.#form;
    const value = this.#form.withValue || undefined;
    setText(this.#status, 'Looking it up…');
    const found = await this.#try(
      /** @type {Promise<AdminEntry>} */ (this.#api.ask('entries', { ...query, value })),
    );
    if (asked !== this.#asked) return;
    if (!found) {
      this.#result.replaceChildren();
      return;
    }
    const evict = make(
      'button',
      { id: 'evict', type: 'button', class: 'danger', click: () => void this.#evict(query, found) },
      'Evict this entry…',
    );
    const { nowMs } = this.#store;
    this.#result.replaceChildren(...viewOf(found, nowMs), evict);
    setText(this.#status, `${done} As of ${time(nowMs, nowMs)}.`.trim());
    if (done) this.#result.focus({ preventScroll: true });
  }

  /** @param {EntryQuery} query @param {AdminEntry} found */
  async #evict(query, { entry }) {
    const isMeant = await confirmEviction([
      ['Tenant', tenantName(entry.tenant)],
      ['Cache', entry.cache],
      ['Key', entry.key],
    ]);
    if (!isMeant) return;
    setText(this.#status, 'Evicting…');
    const evicted = await this.#try(
      /** @type {Promise<EntryEvicted>} */ (this.#api.ask('entries', query, 'DELETE')),
    );
    if (!evicted) return;
    await this.#explain(
      evicted.existed ? 'Evicted.' : 'Evicted; as far as could be seen, it was not there.',
    );
  }

  /**
   * @template Answer
   * @param {Promise<Answer>} asked
   * @returns {Promise<Answer | undefined>} undefined once the problem is shown
   */
  async #try(asked) {
    this.#status.dataset.tone = 'plain';
    try {
      return await asked;
    } catch (error) {
      this.#status.dataset.tone = 'bad';
      const text = error instanceof ProblemError ? error.message : 'The server did not answer.';
      setText(this.#status, text);
      return undefined;
    }
  }
}
