import { apiKeys, leads, organizations } from '../../apps/voice-agent/src/database/schema.js';
import { hashApiKey } from '../../apps/voice-agent/src/access/api-key-hash.js';
import type { Organization } from '../../apps/voice-agent/src/organizations/organization.schema.js';
import type { LeadJson } from './json.js';
import { ACME, BOREALIS, COBALT, problem, VoiceAgent } from './voice-agent.js';

/** Ids that would run together, be a pattern, or break out, if keys were put together carelessly. */
const HOSTILE_IDS = [
  'acme-solar/lead.byId@1',
  'acme-solar:lead',
  '{acme-solar}',
  'acme-solar}',
  'acme-solar ',
  'ACME-SOLAR',
  '*',
  '?cme-solar',
  '[a]cme-solar',
  '..',
  '%61cme-solar',
  '__proto__',
  'constructor',
  'undefined',
  '0',
  'ä\u0308',
  'a\u0308\u0308',
  'tenant\nFLUSHALL',
  'x'.repeat(300),
  'x'.repeat(299) + 'y',
];

describe('organizations are kept apart', () => {
  let agent: VoiceAgent;

  beforeAll(async () => {
    agent = await VoiceAgent.start();
  });

  afterAll(() => agent.stop());

  it('each sees its own lead behind the same id and the same phone', async () => {
    const keys = [ACME, BOREALIS, COBALT];
    const seen = async (url: string) =>
      Promise.all(keys.map(async (key) => (await agent.as(key).get<LeadJson>(url)).body));
    for (const url of ['/leads/lead_0007', '/leads/by-phone/+12015550106']) {
      const cold = await seen(url);
      expect(cold.map((lead) => `${lead.firstName} ${lead.lastName}`)).toEqual([
        'Ben Gupta',
        'Hugo Ito',
        'Grace Gupta',
      ]);
      expect(await agent.queriesDuring(async () => expect(await seen(url)).toEqual(cold))).toBe(0);
    }
  });

  it('a key opens nothing of another organization', async () => {
    const lead = { phone: '+12025559101', firstName: 'Only', lastName: 'Acme' };
    const { body } = await agent.as(ACME).post<LeadJson>('/leads', lead);
    const borealis = agent.as(BOREALIS);
    for (const url of [`/leads/${body.id}`, `/leads/${body.id}/context`]) {
      expect(await borealis.get(url)).toEqual(
        problem(404, 'Not Found', 'There is no such lead', url),
      );
    }
    expect((await borealis.get('/leads/by-phone/+12025559101')).status).toBe(404);
    expect((await borealis.patch(`/leads/${body.id}`, { firstName: 'X' })).status).toBe(404);
    expect((await agent.as(ACME).get(`/leads/${body.id}`)).body).toEqual(body);
  });

  it('the organization follows from the key, whatever else a caller sends', async () => {
    const headers = {
      'x-api-key': BOREALIS,
      'x-tenant-id': 'acme-solar',
      'x-organization-id': 'acme-solar',
      tenant: 'acme-solar',
    };
    const url = '/organization?tenant=acme-solar&organizationId=acme-solar';
    expect((await agent.request<Organization>('GET', url, headers)).body.id).toBe(
      'borealis-dental',
    );

    const lead = {
      organizationId: 'acme-solar',
      phone: '+12025559102',
      firstName: 'A',
      lastName: 'B',
    };
    expect((await agent.request('POST', '/leads', headers, lead)).status).toBe(201);
    expect((await agent.as(ACME).get('/leads/by-phone/+12025559102')).status).toBe(404);
    expect((await agent.as(BOREALIS).get('/leads/by-phone/+12025559102')).status).toBe(200);
  });

  describe('with hostile ids', () => {
    const keyOf = (id: string) => `va_key of ${JSON.stringify(id)}`;
    const nameOf = (index: number) => `Lead of organization ${index}`;

    beforeAll(async () => {
      const { database } = agent;
      for (const [index, id] of HOSTILE_IDS.entries()) {
        const phone = `+1415556${String(index).padStart(4, '0')}`;
        await database.insert(organizations).values({ id, name: id, phone, timezone: 'UTC' });
        await database.insert(apiKeys).values({ hash: hashApiKey(keyOf(id)), organizationId: id });
        await database.insert(leads).values({
          organizationId: id,
          id: 'lead_0001',
          phone: '+12015550100',
          firstName: nameOf(index),
          lastName: 'X',
        });
      }
    });

    it('each sees its own lead, cold and warm', async () => {
      const seen = () =>
        Promise.all(
          HOSTILE_IDS.map(async (id) => {
            const lead = await agent.as(keyOf(id)).get<LeadJson>('/leads/by-phone/+12015550100');
            return lead.body.firstName;
          }),
        );
      const own = HOSTILE_IDS.map((_, index) => nameOf(index));
      expect(await seen()).toEqual(own);
      expect(await agent.queriesDuring(async () => expect(await seen()).toEqual(own))).toBe(0);
    });

    it('a change by one is seen by that one alone', async () => {
      const read = (id: string) => agent.as(keyOf(id)).get<LeadJson>('/leads/lead_0001');
      for (const id of HOSTILE_IDS) await read(id);
      for (const [index, id] of HOSTILE_IDS.entries()) {
        const { body } = await agent
          .as(keyOf(id))
          .patch<LeadJson>('/leads/lead_0001', { lastName: `Changed ${index}` });
        expect(body.lastName).toBe(`Changed ${index}`);
        const queries = await agent.queriesDuring(async () => {
          for (const other of HOSTILE_IDS) if (other !== id) await read(other);
        });
        expect(queries).toBe(0);
        expect((await read(id)).body.lastName).toBe(`Changed ${index}`);
      }
    });
  });

  describe('API keys', () => {
    it('are asked for', async () => {
      expect(await agent.request('GET', '/leads/lead_0007')).toEqual(
        problem(
          401,
          'Unauthorized',
          'Send your API key in the header x-api-key',
          '/leads/lead_0007',
        ),
      );
    });

    it.each(['', 'va_unknown', ACME.toLowerCase(), `${ACME} `, hashApiKey(ACME)])(
      'are not guessed: %j',
      async (key) => {
        expect(await agent.as(key).get('/leads/lead_0007')).toEqual(
          problem(401, 'Unauthorized', 'This API key is not known', '/leads/lead_0007'),
        );
      },
    );

    it('are looked up once and then known', async () => {
      await agent.as(ACME).get('/organization');
      expect(await agent.queriesDuring(() => agent.as(ACME).get('/organization'))).toBe(0);
    });

    it('are not stored', async () => {
      const stored = await agent.database.select().from(apiKeys);
      expect(JSON.stringify(stored)).not.toContain(ACME);
      expect(stored).toContainEqual(
        expect.objectContaining({ hash: hashApiKey(ACME), organizationId: 'acme-solar' }),
      );
    });

    it('stop working the moment they are replaced', async () => {
      const cobalt = agent.as(COBALT);
      expect((await cobalt.get<Organization>('/organization')).body.id).toBe('cobalt-realty');
      const rotated = await cobalt.post<{ apiKey: string }>('/api-key/rotate');
      expect(rotated).toMatchObject({
        status: 200,
        body: { apiKey: expect.stringMatching(/^va_[\w-]{32}$/) },
      });
      expect((await cobalt.get('/organization')).status).toBe(401);
      expect((await agent.as(rotated.body.apiKey).get<Organization>('/organization')).body.id).toBe(
        'cobalt-realty',
      );
    });
  });
});
