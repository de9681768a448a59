// @ts-check
/**
 * @import { AdminCache, AdminEvent, AdminSession, OperatorFigures, OperatorStatistics, SlowLoad, TenantStatistics } from '../admin.contract.js'
 */
/** @import { RolloutReport } from '../../cache/cache-rollout.service.js' */
/** @import { Link } from './stream.js' */

/**
 * All that the page knows.
 *
 * @typedef {object} PageState
 * @property {Link} link
 * @property {AdminSession | undefined} session undefined until somebody is let in
 * @property {OperatorFigures | undefined} figures the latest, for an operator
 * @property {TenantStatistics | undefined} own the latest, for a tenant
 * @property {OperatorStatistics | undefined} quarter of the last 15 minutes, with what Redis says
 * @property {readonly AdminCache[]} caches
 * @property {readonly RolloutReport[]} rollouts for an operator
 * @property {readonly SlowLoad[]} loads
 * @property {readonly AdminEvent[]} events the latest first
 * @property {number | undefined} heardAt when the latest figures came, by the clock of `performance`
 */

/** Holds what the page knows, and tells who shows it that it has changed. */
export class Store {
  /** @type {PageState} */
  #state = {
    link: { kind: 'opening' },
    session: undefined,
    figures: undefined,
    own: undefined,
    quarter: undefined,
    caches: [],
    rollouts: [],
    loads: [],
    events: [],
    heardAt: undefined,
  };
  /** @type {((state: PageState) => void)[]} */
  #views = [];
  #isTelling = false;

  get state() {
    return this.#state;
  }

  /**
   * The time by the clock of the server, on which all other times here are: that of this machine may
   * be wrong.
   */
  get nowMs() {
    const { figures, own, heardAt } = this.#state;
    const atMs = figures?.health.atMs ?? own?.period.toMs;
    if (atMs === undefined || heardAt === undefined) return Date.now();
    return atMs + (performance.now() - heardAt);
  }

  /** @param {(state: PageState) => void} view called with every change, those of a moment at once */
  show(view) {
    this.#views.push(view);
    view(this.#state);
  }

  /** @param {Partial<PageState>} changes */
  change(changes) {
    this.#state = { ...this.#state, ...changes };
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      for (const view of this.#views) view(this.#state);
    });
  }
}
