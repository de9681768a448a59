// @ts-check
import { ProblemError } from './api.js';
import { DataTable } from './data-table.js';
import { byId, setText } from './dom.js';
import { share } from './figures.js';
import { count, percent } from './format.js';
import { RolloutForm } from './rollout-form.js';

/** @import { CacheFigures } from '../../cache/cache-statistics.js' */
/** @import { RolloutReport } from '../../cache/cache-rollout.service.js' */
/** @import { RolloutState } from '../../rollout/rollout-state.js' */
/** @import { AdminRolloutChanged, AdminRollouts } from '../admin.contract.js' */
/** @import { Api } from './api.js' */
/** @import { Store } from './store.js' */

/**
 * @typedef {object} RolloutRow
 * @property {RolloutReport} rollout
 * @property {CacheFigures | undefined} figures of the last minute
 */

/** For whom each cache is used, which may be changed. */
export class Rollouts {
  #store;
  #api;
  #form = new RolloutForm();
  #status = byId('rollout-status');

  /** @param {Store} store @param {Api} api */
  constructor(store, api) {
    this.#store = store;
    this.#api = api;
    const table = new DataTable(byId('rollouts'), {
      caption: 'Rollouts',
      keyOf: (/** @type {RolloutRow} */ { rollout }) => rollout.cache,
      empty: 'No cache is known yet.',
      scrolls: true,
      sortBy: 0,
      columns: [
        {
          title: 'Cache',
          text: ({ rollout }) => rollout.cache,
          order: ({ rollout }) => rollout.cache,
          kind: 'code',
        },
        {
          title: 'Used',
          text: ({ rollout }) => stateText(rollout.state),
          tone: ({ rollout }) => (rollout.state.mode === 'on' ? 'plain' : 'strong'),
        },
        {
          title: 'As said by',
          kind: 'brief',
          text: ({ rollout }) => (rollout.overridden ? `change ${rollout.version}` : 'the options'),
        },
        {
          title: 'Left out',
          text: ({ figures }) => count(figures && leftOut(figures)),
          order: ({ figures }) => figures && leftOut(figures),
          numeric: true,
        },
        {
          title: 'Would hit',
          text: ({ figures }) => percent(figures && wouldHit(figures)),
          order: ({ figures }) => figures && wouldHit(figures),
          numeric: true,
        },
        {
          title: 'Change',
          kind: 'brief',
          text: () => 'Change…',
          button: {
            label: ({ rollout }) => `Change the rollout of ${rollout.cache}`,
            press: ({ rollout }) => void this.#change(rollout),
          },
        },
      ],
    });
    store.show(({ rollouts, figures }) => {
      const used = figures?.lastMinute.caches ?? {};
      table.render(
        rollouts.map((rollout) => {
          const own = Object.hasOwn(used, rollout.cache) ? used[rollout.cache] : undefined;
          return { rollout, figures: own };
        }),
      );
    });
  }

  /** @param {RolloutReport} rollout */
  async #change(rollout) {
    const { cache, version } = rollout;
    const said = await this.#form.ask(rollout);
    if (!said) return;
    setText(this.#status, 'Changing it…');
    this.#status.dataset.tone = 'plain';
    try {
      const changed = /** @type {AdminRolloutChanged} */ (
        said === 'options'
          ? await this.#api.ask('rollouts', { cache }, 'DELETE')
          : await this.#api.send('rollouts', { cache, version, ...said })
      );
      const where = changed.shared ? '' : ' in this process; the others follow when Redis is back';
      setText(this.#status, `${cache} is ${stateText(changed.state)}${where}.`);
    } catch (error) {
      this.#status.dataset.tone = 'bad';
      const text = error instanceof ProblemError ? error.message : 'The server did not answer.';
      setText(this.#status, text);
    }
    await this.#reload();
  }

  async #reload() {
    try {
      const { rollouts } = /** @type {AdminRollouts} */ (await this.#api.ask('rollouts'));
      this.#store.change({ rollouts });
    } catch {
      // Asked again soon, as all that is not on the stream.
    }
  }
}

/** @param {RolloutState} state */
function stateText(state) {
  if (state.mode !== 'on') return state.mode === 'off' ? 'off' : 'in shadow mode';
  const { percent: share, tenants } = state;
  if (share === 100) return 'on';
  const named = `${tenants.length} named ${tenants.length === 1 ? 'tenant' : 'tenants'}`;
  if (tenants.length === 0) return `on for ${share} % of tenants`;
  return share === 0 ? `on for ${named}` : `on for ${share} % of tenants and ${named}`;
}

/** @param {CacheFigures} figures */
function leftOut({ bypassedBy: { off, shadow } }) {
  return off + shadow;
}

/** @param {CacheFigures} figures */
function wouldHit({ shadowHits, shadowMisses }) {
  return share(shadowHits, shadowHits + shadowMisses);
}
