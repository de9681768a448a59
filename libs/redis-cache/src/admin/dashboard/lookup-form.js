// @ts-check
import { byId, make } from './dom.js';

/** @import { AdminCache } from '../admin.contract.js' */
/** @import { Store } from './store.js' */

/**
 * Which entry is meant, as far as that is known.
 *
 * @typedef {object} EntryAddress
 * @property {string | null} tenant
 * @property {string} cache
 * @property {string} key as it stands in Redis
 */

/** What is asked for. @typedef {Record<'cache' | 'tenant' | 'key' | 'encodedKey', string | undefined>} EntryQuery */

/** Takes which entry is meant. */
export class LookupForm {
  #store;
  #form = byId('lookup-form', HTMLFormElement);
  #cache = byId('lookup-cache', HTMLSelectElement);
  #tenant = byId('lookup-tenant', HTMLInputElement);
  #key = byId('lookup-key', HTMLInputElement);
  #encoded = byId('lookup-encoded', HTMLInputElement);
  #value = byId('lookup-value', HTMLInputElement);
  /** @type {string | undefined} */
  #names;

  /** @param {Store} store @param {() => void} onAsked */
  constructor(store, onAsked) {
    this.#store = store;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      onAsked();
    });
    this.#cache.addEventListener('change', () => this.#adapt());
    store.show(({ caches, session }) => {
      this.#list(caches);
      byId('lookup-value-field').hidden = !session || session.values === false;
      this.#adapt();
    });
  }

  get withValue() {
    return this.#value.checked;
  }

  /** @returns {EntryQuery} */
  get query() {
    const isEncoded = this.#encoded.checked;
    return {
      cache: this.#cache.value,
      tenant: this.#tenant.disabled ? undefined : this.#tenant.value,
      key: isEncoded ? undefined : this.#key.value,
      encodedKey: isEncoded ? this.#key.value : undefined,
    };
  }

  /** @param {EntryAddress} address */
  fill({ tenant, cache, key }) {
    this.#cache.value = cache;
    this.#tenant.value = tenant ?? '';
    this.#key.value = key;
    this.#encoded.checked = true;
    this.#adapt();
  }

  focus() {
    byId('lookup').scrollIntoView({ block: 'start' });
    this.#cache.focus({ preventScroll: true });
  }

  /** @param {readonly AdminCache[]} caches */
  #list(caches) {
    const names = JSON.stringify(caches.map(({ name }) => name));
    if (names === this.#names) return;
    this.#names = names;
    const chosen = this.#cache.value;
    this.#cache.replaceChildren(...caches.map(({ name }) => make('option', { value: name }, name)));
    if (caches.some(({ name }) => name === chosen)) this.#cache.value = chosen;
  }

  /** Nobody is asked for a tenant where there is none, or no choice. */
  #adapt() {
    const { caches, session } = this.#store.state;
    const isBound = session?.principal.kind === 'tenant';
    const isGlobal = caches.find(({ name }) => name === this.#cache.value)?.scope === 'global';
    this.#tenant.disabled = isBound || isGlobal;
    byId('lookup-tenant-field').hidden = isBound;
    this.#tenant.placeholder = isGlobal ? 'none: the cache is global' : '';
    if (isGlobal) this.#tenant.value = '';
  }
}
