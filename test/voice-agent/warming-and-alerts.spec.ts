import { Logger } from '@nestjs/common';
import { CacheService } from 'nestjs-redis-cache';
import { CACHE_SIGNATURE_HEADER, signCacheWebhook } from 'nestjs-redis-cache/admin';
import { freePort } from '../support/free-port.js';
import { ALERT_SECRET, problem, VoiceAgent } from './voice-agent.js';

const PATH = '/webhooks/cache-alerts';

describe('the caches of the app', () => {
  let agent: VoiceAgent;

  beforeAll(async () => {
    agent = await VoiceAgent.start({ CACHE_WARM: 'blocking' });
  });

  afterAll(() => agent.stop());

  afterEach(() => jest.restoreAllMocks());

  /** Resolves with the first alert that the app logs as received. */
  function logged(): Promise<string> {
    return new Promise((resolve) => {
      jest.spyOn(Logger.prototype, 'warn').mockImplementation((text) => {
        if (/^(?:raised|resolved) /.test(String(text))) resolve(String(text));
      });
    });
  }

  it('have organizations and recent leads in them before the first call', async () => {
    const { caches } = agent.app.get(CacheService).getStats();
    const fills = ['organization.byPhone', 'organization.byId', 'lead.byPhone'];
    expect(fills.map((cache) => caches[cache]?.fills)).toEqual([3, 3, 100]);
    const ofAcme = agent.app.get(CacheService).forTenant('acme-solar');
    const { outlook } = await ofAcme.explain('organization.byId', 'acme-solar');
    expect(outlook.kind).toBe('hit');
  });

  it('tell of an outage, by the webhook of the app, which logs it', async () => {
    const port = await freePort();
    const received = logged();
    const cutOff = await VoiceAgent.start({
      PORT: String(port),
      ALERTS_ENABLED: 'true',
      ALERT_DISCONNECTED_AFTER: '1ms',
      REDIS_URL: 'redis://127.0.0.1:1',
    });
    try {
      await cutOff.app.listen(port, '127.0.0.1');
      expect(await received).toMatch(/^raised [-0-9a-f]{36}: Alert: Redis is away for \d+ s/);
    } finally {
      await cutOff.stop();
    }
  });

  it('are not told of by anybody else', async () => {
    const received = logged();
    const body = JSON.stringify({ id: '1', state: 'raised', text: 'Alert: all is lost.' });
    const post = (headers: Record<string, string>) =>
      agent.request('POST', PATH, { 'content-type': 'application/json', ...headers }, body);
    const refused = problem(
      401,
      'Unauthorized',
      'This alert is not signed with the secret of this app',
      PATH,
    );
    const nowMs = Date.now();
    const signed = (...by: Parameters<typeof signCacheWebhook>) => ({
      [CACHE_SIGNATURE_HEADER]: signCacheWebhook(...by),
    });
    expect(await post({})).toEqual(refused);
    expect(await post(signed('another secret of some', body, nowMs))).toEqual(refused);
    expect(await post(signed(ALERT_SECRET, body, nowMs - 600_000))).toEqual(refused);
    expect(await post(signed(ALERT_SECRET, `${body} `, nowMs))).toEqual(refused);
    expect((await post(signed(ALERT_SECRET, body, nowMs))).status).toBe(204);
    expect(await received).toBe('raised 1: Alert: all is lost.');
  });
});
