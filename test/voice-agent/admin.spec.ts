import { signCacheWebhook, type AdminEntry, type AdminEvents } from 'nestjs-redis-cache/admin';
import {
  ACME,
  BOREALIS,
  CACHE_WEBHOOK_SECRET,
  OPERATOR_KEY,
  VoiceAgent,
  type Answer,
} from './voice-agent.js';

const LEAD = '/leads/lead_0007';
const ENTRY = 'entries?cache=lead.byId&key=lead_0007';

describe('/admin of the example app', () => {
  let agent: VoiceAgent;

  beforeAll(async () => {
    agent = await VoiceAgent.start();
  });

  afterAll(() => agent.stop());

  const operator = <B>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) =>
    agent.request<B>(method, `/admin/${path}`, { 'x-operator-key': OPERATOR_KEY }, body);
  const outlookFor = async (tenant: string) =>
    (await operator<AdminEntry>('GET', `${ENTRY}&tenant=${tenant}`)).body.outlook.kind;

  it('shows an operator every organization, and the values in the cache', async () => {
    const lead = await agent.as(ACME).get<{ lastName: string }>(LEAD);
    const { body } = await operator<AdminEntry>('GET', `${ENTRY}&tenant=acme-solar&value=true`);
    // Its dates are more than JSON can say.
    expect(body).toMatchObject({
      outlook: { kind: 'hit' },
      value: { kind: 'text', text: expect.stringContaining(lead.body.lastName) },
    });
    expect((await operator('GET', 'health')).body).toMatchObject({ status: 'ok', mode: 'redis' });
  });

  it('shows an organization what is its own, and evicts no more for it', async () => {
    await agent.as(ACME).get(LEAD);
    const own = await agent.as(ACME).get<AdminEntry>(`/admin/${ENTRY}`);
    expect(own.body).toMatchObject({ entry: { tenant: 'acme-solar' }, outlook: { kind: 'hit' } });
    const others: [string, Answer][] = [
      ['an entry', await agent.as(BOREALIS).get(`/admin/${ENTRY}&tenant=acme-solar`)],
      ['the health', await agent.as(BOREALIS).get('/admin/health')],
      [
        'a global cache',
        await agent.as(BOREALIS).get('/admin/entries?cache=organization.byPhone&key=x'),
      ],
      [
        'an eviction',
        await agent.as(BOREALIS).post('/admin/evictions/tenant', { tenant: 'acme-solar' }),
      ],
      ['everything', await agent.as(BOREALIS).post('/admin/evictions/all', {})],
    ];
    expect(others.map(([what, { status }]) => [what, status])).toEqual(
      others.map(([what]) => [what, 403]),
    );
    expect((await agent.as(BOREALIS).post('/admin/evictions/tenant', {})).status).toBe(200);
    expect(await outlookFor('acme-solar')).toBe('hit');
    const { events } = (await agent.as(BOREALIS).get<AdminEvents>('/admin/events')).body;
    expect(events.at(-1)).toMatchObject({ type: 'invalidate', tenant: 'borealis-dental' });
    expect(JSON.stringify(events)).not.toContain('acme');
  });

  it('evicts what is signed for', async () => {
    await agent.as(ACME).get(LEAD);
    expect(await outlookFor('acme-solar')).toBe('hit');
    const body = JSON.stringify({ invalidations: [{ by: 'tenant', tenant: 'acme-solar' }] });
    const headers = {
      'content-type': 'application/json',
      'x-cache-signature': signCacheWebhook(CACHE_WEBHOOK_SECRET, body),
    };
    const call = () => agent.request('POST', '/admin/webhook', headers, body);
    expect(await call()).toMatchObject({ status: 200, body: { applied: 1 } });
    expect(await outlookFor('acme-solar')).toBe('miss');
    expect((await call()).status).toBe(409);
  });

  it.each([
    ['no key', {}],
    ['a wrong operator key', { 'x-operator-key': `${OPERATOR_KEY}x` }],
    ['a wrong API key', { 'x-api-key': 'va_none' }],
    ['the API key of an organization as that of an operator', { 'x-operator-key': ACME }],
    ['a wrong operator key beside an API key', { 'x-operator-key': 'x', 'x-api-key': ACME }],
  ])('lets nobody in with %s', async (_, headers) => {
    const answer = await agent.request('GET', '/admin/session', headers);
    expect(answer).toMatchObject({ status: 401, type: 'application/problem+json; charset=utf-8' });
  });
});
