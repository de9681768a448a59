import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { AlertsOptions } from './alerts.options.js';
import { resolveAlerts } from './resolve-alerts.js';

const WEBHOOK = { url: 'https://hooks.example.com/T0P', secret: 'a secret of some length' };
const ALL = { cache: undefined, minSample: 100 };

function refusal(options: unknown): string {
  try {
    resolveAlerts(options as AlertsOptions);
  } catch (error) {
    if (error instanceof InvalidCacheOptionsError) return error.message;
    throw error;
  }
  throw new Error('The options were accepted.');
}

describe('the options of alerts', () => {
  it('have defaults', () => {
    expect(resolveAlerts()).toEqual({
      intervalMs: 5_000,
      window: '1m',
      rules: [
        { kind: 'disconnected', cache: undefined, afterMs: 30_000, clearMs: 10_000 },
        { kind: 'hitRate', raise: 0.5, clear: 0.55, ...ALL },
        { kind: 'latency', raise: 100, clear: 90, ...ALL },
        { kind: 'errors', raise: 0.05, clear: expect.closeTo(0.045) as unknown, ...ALL },
      ],
      webhook: undefined,
    });
    expect(resolveAlerts(false)).toBeUndefined();
  });

  it('take undefined, of an unset variable say, for the default', () => {
    const unset = {
      interval: undefined,
      hitRate: { below: undefined, clear: undefined },
      disconnected: { after: undefined },
      webhook: undefined,
      caches: undefined,
    } as unknown as AlertsOptions;
    expect(resolveAlerts(unset)).toEqual(resolveAlerts());
  });

  it('take what is said, of single caches only that', () => {
    expect(
      resolveAlerts({
        interval: '1s',
        window: '5m',
        minSample: 10,
        hitRate: false,
        latency: { above: '1s', clear: '800ms' },
        errors: false,
        disconnected: false,
        caches: {
          lead: { hitRate: { below: 0.95 } },
          call: { minSample: 5, errors: { above: 0.2 } },
        },
        webhook: { ...WEBHOOK, headers: { Authorization: 'Bearer me' }, attempts: 1 },
      }),
    ).toEqual({
      intervalMs: 1_000,
      window: '5m',
      rules: [
        { kind: 'latency', cache: undefined, raise: 1_000, clear: 800, minSample: 10 },
        { kind: 'hitRate', cache: 'lead', raise: 0.95, clear: 1, minSample: 10 },
        { kind: 'errors', cache: 'call', raise: 0.2, clear: expect.closeTo(0.18), minSample: 5 },
      ],
      webhook: {
        ...WEBHOOK,
        headers: { authorization: 'Bearer me' },
        timeoutMs: 5_000,
        attempts: 1,
        retryMs: 1_000,
        maxQueued: 100,
      },
    });
  });

  const SHARE = 'a number from 0 to 1. It is a share: 0.8 means 80 %.';
  const LEVELS =
    'An alert is raised at one level and resolved at a better one, or it would come and go.';
  const URL_EXPECTED =
    `expected a URL of https: or http: without user and password. ` +
    `Give credentials as headers: { authorization: '…' }.`;
  const SECRET_EXPECTED =
    'expected a text of 16 characters or more. Make one for instance by: openssl rand -hex 32.';

  it.each<[unknown, string]>([
    [true, 'alerts is true; expected an object. Leave it out for the defaults.'],
    [{ hitrate: {} }, "alerts.hitrate is '***'; expected one of the fields interval, window,"],
    [{ interval: 0 }, 'alerts.interval is 0; expected a time of at least 1 ms.'],
    [{ window: '10m' }, `alerts.window is '10m'; expected '1m', '5m' or '15m'.`],
    [{ minSample: 0 }, 'alerts.minSample is 0; expected a whole number from 1 up.'],
    [{ hitRate: { below: 50 } }, `alerts.hitRate.below is 50; expected ${SHARE}`],
    [
      { hitRate: { above: 0.5 } },
      `alerts.hitRate.above is '***'; expected one of the fields below`,
    ],
    [
      { hitRate: { below: 0.5, clear: 0.4 } },
      `alerts.hitRate.clear is 0.4; expected a level that is no worse than below. ${LEVELS}`,
    ],
    [
      { latency: { above: '1s', clear: '2s' } },
      `alerts.latency.clear is '2s'; expected a level that is no worse than above. ${LEVELS}`,
    ],
    [{ latency: { above: 'slow' } }, `alerts.latency.above is 'slow'; expected milliseconds`],
    [{ errors: true }, 'alerts.errors is true; expected an object.'],
    [{ disconnected: { after: -1 } }, 'alerts.disconnected.after is -1; expected milliseconds'],
    [{ caches: 5 }, 'alerts.caches is 5; expected an object.'],
    [{ caches: { lead: false } }, `alerts.caches['lead'] is false; expected an object.`],
    [
      { caches: { lead: { disconnected: {} } } },
      `alerts.caches['lead'].disconnected is '***'; expected one of the fields minSample, hitRate,`,
    ],
    [
      { caches: { lead: { errors: { above: 2 } } } },
      `alerts.caches['lead'].errors.above is 2; expected ${SHARE}`,
    ],
    [{ webhook: 'https://hooks.example.com/T0P' }, `alerts.webhook is '***'; expected an object.`],
    [{ webhook: { ...WEBHOOK, url: 5 } }, `alerts.webhook.url is 5; ${URL_EXPECTED}`],
    [{ webhook: { ...WEBHOOK, url: 'T0P' } }, `alerts.webhook.url is '***'; ${URL_EXPECTED}`],
    [{ webhook: { ...WEBHOOK, url: 'ftp://T0P' } }, `alerts.webhook.url is '***'; ${URL_EXPECTED}`],
    [
      { webhook: { ...WEBHOOK, url: 'https://me:T0P@example.com' } },
      `alerts.webhook.url is '***'; ${URL_EXPECTED}`,
    ],
    [
      { webhook: { ...WEBHOOK, secret: 'T0P' } },
      `alerts.webhook.secret is '***'; ${SECRET_EXPECTED}`,
    ],
    [{ webhook: { url: WEBHOOK.url } }, `alerts.webhook.secret is undefined; ${SECRET_EXPECTED}`],
    [
      { webhook: { ...WEBHOOK, headers: { authorization: 'T0P\n' + 'x' } } },
      `alerts.webhook.headers is '***'; expected names and values that HTTP allows.`,
    ],
    [
      { webhook: { ...WEBHOOK, attempts: 0 } },
      'alerts.webhook.attempts is 0; expected a whole number from 1 up.',
    ],
  ])('refuse %j', (options, message) => {
    const said = refusal(options);
    expect(said.slice(0, `Option ${message}`.length)).toBe(`Option ${message}`);
    expect(said).not.toContain('T0P');
  });
});
