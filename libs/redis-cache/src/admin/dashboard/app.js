// @ts-check
import { showAlerts } from './alerts.js';
import { Api, ProblemError } from './api.js';
import { showCaches } from './caches-table.js';
import { Charts } from './charts.js';
import { byId, setText } from './dom.js';
import { Feed } from './feed.js';
import { time } from './format.js';
import { Headline } from './headline.js';
import { History } from './history.js';
import { showEvents, showLoads } from './logs.js';
import { Lookup } from './lookup.js';
import { showNumbers } from './numbers.js';
import { showPersistence } from './persistence-facts.js';
import { showRankings } from './rankings.js';
import { Rollouts } from './rollouts.js';
import { showServer } from './server-facts.js';
import { SignIn } from './sign-in.js';
import { Store } from './store.js';
import { startTheme } from './theme.js';

/** @import { AdminPageSettings, AdminSession } from '../admin.contract.js' */

/** Beyond the time at which the server gives a sign of life: together less than two seconds. */
const LATE_MS = 800;
const RETRY_MS = 1_000;

const store = new Store();
const history = new History();
const api = new Api();
const signIn = new SignIn();

new Headline(store);
showAlerts(store);
showNumbers(store);
showCaches(store);
new Rollouts(store, api);
showRankings(store);
showServer(store);
showPersistence(store);
const lookup = new Lookup(store, api);
showLoads(store, (address) => lookup.show(address));
showEvents(store, (address) => lookup.show(address));
const charts = new Charts(store, history);
startTheme(() => charts.repaint());
void main();

async function main() {
  /** @type {AdminPageSettings} */
  const settings = await untilHeard(() => api.ask('assets/settings.json'));
  const { credentialHeader: header, aliveMs } = settings;
  const session = await enter(header);
  store.change({ session });
  showBoard(session, header !== null);
  const leave = (/** @type {string} */ why) => signIn.leave(why);
  new Feed(store, api, history, aliveMs + LATE_MS, ({ message }) => leave(message)).start();
}

/**
 * Asks for a credential, where the page has to send one, until it is accepted.
 *
 * @param {string | null} header
 * @returns {Promise<AdminSession>}
 */
async function enter(header) {
  let why = signIn.reason ?? `The server asks for a key, to be sent as ${String(header)}.`;
  for (;;) {
    if (header !== null) api.use(header, signIn.credential ?? (await signIn.ask(why)));
    try {
      return await untilHeard(() => api.ask('session'), header !== null);
    } catch (error) {
      signIn.forget();
      why = `The server refused this key: ${messageOf(error)}.`;
    }
  }
}

/**
 * @template Answer
 * @param {() => Promise<Answer>} ask
 * @param {boolean} [mayBeRefused] whether asking again as somebody else may help
 * @returns {Promise<Answer>}
 * @throws {ProblemError} a refusal
 */
async function untilHeard(ask, mayBeRefused = false) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (mayBeRefused && error instanceof ProblemError && error.isRefusal) throw error;
      store.change({ link: { kind: 'lost', reason: messageOf(error) } });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof ProblemError ? error.message : 'The server cannot be reached';
}

/** @param {AdminSession} session @param {boolean} canLeave */
function showBoard({ principal }, canLeave) {
  const isOperator = principal.kind === 'operator';
  setText(byId('who'), isOperator ? 'Operator' : `Tenant ${principal.tenant}`);
  for (const section of document.querySelectorAll('[data-for=operator]')) {
    section.toggleAttribute('hidden', !isOperator);
  }
  byId('board').hidden = false;
  byId('to-lookup').hidden = false;
  const signOut = byId('sign-out');
  signOut.hidden = !canLeave;
  signOut.addEventListener('click', () => signIn.leave('You have signed out.'));
  store.show(({ figures, own }) => {
    const period = figures?.lastMinute.period ?? own?.period;
    if (period) setText(byId('period'), `Last figures: ${time(period.toMs, period.toMs)}`);
  });
}
