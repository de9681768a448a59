import { leadSchema } from '../../apps/voice-agent/src/leads/lead.schema.js';
import type { Problem } from '../../apps/voice-agent/src/problems/problem.js';
import type { LeadJson, LeadPageJson } from './json.js';
import { ACME, BOREALIS, problem, VoiceAgent } from './voice-agent.js';

const LEAD_7 = {
  id: 'lead_0007',
  phone: '+12015550106',
  firstName: 'Ben',
  lastName: 'Gupta',
  email: 'ben.gupta.7@example.com',
  status: 'new',
  createdAt: '2026-04-30T09:00:00.000Z',
  updatedAt: '2026-04-30T09:00:00.000Z',
};

describe('leads', () => {
  let agent: VoiceAgent;
  let acme: ReturnType<VoiceAgent['as']>;

  beforeAll(async () => {
    agent = await VoiceAgent.start();
    acme = agent.as(ACME);
  });

  afterAll(() => agent.stop());

  describe('reading', () => {
    it('answers with a lead, and the second time without the database', async () => {
      const first = await acme.get('/leads/lead_0007');
      expect(first).toEqual({
        status: 200,
        type: 'application/json; charset=utf-8',
        body: LEAD_7,
      });
      leadSchema.parse(first.body);
      const queries = await agent.queriesDuring(async () => {
        expect(await acme.get('/leads/lead_0007')).toEqual(first);
      });
      expect(queries).toBe(0);
    });

    it('finds a lead by any spelling of its phone, which is one entry in the cache', async () => {
      expect((await acme.get('/leads/by-phone/+12015550106')).body).toEqual(LEAD_7);
      const queries = await agent.queriesDuring(async () => {
        for (const phone of ['(201) 555-0106', '1-201-555-0106', '+1 201 555 0106']) {
          const url = `/leads/by-phone/${encodeURIComponent(phone)}`;
          expect((await acme.get(url)).body).toEqual(LEAD_7);
        }
      });
      expect(queries).toBe(0);
    });

    it('goes from phone to id and from id to phone', async () => {
      expect((await acme.get('/leads/by-phone/+12015550106/id')).body).toEqual({
        leadId: 'lead_0007',
      });
      expect((await acme.get('/leads/lead_0007/phone')).body).toEqual({ phone: '+12015550106' });
      const queries = await agent.queriesDuring(async () => {
        await acme.get('/leads/by-phone/+12015550106/id');
        await acme.get('/leads/lead_0007/phone');
      });
      expect(queries).toBe(0);
    });

    it('remembers that there is no such lead', async () => {
      const missing = problem(404, 'Not Found', 'There is no such lead', '/leads/lead_9999');
      expect(await acme.get('/leads/lead_9999')).toEqual(missing);
      const queries = await agent.queriesDuring(async () => {
        expect(await acme.get('/leads/lead_9999')).toEqual(missing);
      });
      expect(queries).toBe(0);
    });

    it('lists them page by page and by status', async () => {
      const page = await acme.get('/leads?limit=2&offset=6');
      expect(page.body).toEqual({
        items: [LEAD_7, expect.objectContaining({ id: 'lead_0008' })],
        total: 2000,
        limit: 2,
        offset: 6,
      });
      const won = await acme.get<LeadPageJson>('/leads?status=won&limit=100');
      expect(won.body.items).toHaveLength(100);
      expect(new Set(won.body.items.map(({ status }) => status))).toEqual(new Set(['won']));
    });
  });

  describe('creating', () => {
    it('makes a lead that is found at once, although it was cached that there is none', async () => {
      const byPhone = '/leads/by-phone/+12025559001';
      expect((await acme.get(byPhone)).status).toBe(404);
      expect((await acme.get(`${byPhone}/id`)).status).toBe(404);

      const created = await acme.post<LeadJson>('/leads', {
        phone: '(202) 555-9001',
        firstName: ' Zoe ',
        lastName: 'Zimmer',
      });
      expect(created).toEqual({
        status: 201,
        type: 'application/json; charset=utf-8',
        body: {
          id: expect.stringMatching(/^lead_[0-9a-f-]{36}$/),
          phone: '+12025559001',
          firstName: 'Zoe',
          lastName: 'Zimmer',
          email: null,
          status: 'new',
          createdAt: expect.any(String),
          updatedAt: expect.any(String),
        },
      });
      expect((await acme.get(byPhone)).body).toEqual(created.body);
      expect((await acme.get(`${byPhone}/id`)).body).toEqual({ leadId: created.body.id });
      expect((await acme.get(`/leads/${created.body.id}`)).body).toEqual(created.body);
    });

    it('refuses a phone that another lead of the organization has, and names the field', async () => {
      const lead = { phone: LEAD_7.phone, firstName: 'A', lastName: 'B' };
      const refusal = problem(409, 'Conflict', 'phone: Another lead has it', '/leads');
      expect(await acme.post('/leads', lead)).toEqual({
        ...refusal,
        body: { ...refusal.body, errors: [{ field: 'phone', message: 'Another lead has it' }] },
      });
    });

    it('names every field that is wrong', async () => {
      const answer = await acme.post<Problem>('/leads', {
        phone: '123',
        firstName: '',
        email: 'nobody',
      });
      expect(answer.status).toBe(400);
      expect(answer.type).toBe('application/problem+json; charset=utf-8');
      expect(answer.body.errors).toEqual([
        { field: 'phone', message: 'is not a phone number' },
        { field: 'firstName', message: expect.any(String) },
        { field: 'lastName', message: expect.any(String) },
        { field: 'email', message: expect.any(String) },
      ]);
    });
  });

  describe('updating', () => {
    it('is seen by every read that follows', async () => {
      const urls = [
        '/leads/lead_0020',
        '/leads/by-phone/+12015550119',
        '/leads/by-phone/+12015550119/id',
        '/leads/lead_0020/phone',
      ];
      for (const url of urls) expect((await acme.get(url)).status).toBe(200);
      expect((await acme.get('/leads/by-phone/+12025559002')).status).toBe(404);

      const changed = await acme.patch('/leads/lead_0020', {
        lastName: 'Changed',
        phone: '+12025559002',
      });
      expect(changed.status).toBe(200);
      expect(changed.body).toMatchObject({ lastName: 'Changed', phone: '+12025559002' });

      expect((await acme.get('/leads/lead_0020')).body).toEqual(changed.body);
      expect((await acme.get('/leads/lead_0020/phone')).body).toEqual({ phone: '+12025559002' });
      expect((await acme.get('/leads/by-phone/+12025559002')).body).toEqual(changed.body);
      expect((await acme.get('/leads/by-phone/+12025559002/id')).body).toEqual({
        leadId: 'lead_0020',
      });
      expect((await acme.get('/leads/by-phone/+12015550119')).status).toBe(404);
      expect((await acme.get('/leads/by-phone/+12015550119/id')).status).toBe(404);
    });

    it('leaves the lead with the same id and phone of another organization alone', async () => {
      const borealis = agent.as(BOREALIS);
      const before = await borealis.get('/leads/lead_0021');
      await acme.patch('/leads/lead_0021', { firstName: 'Only', lastName: 'Acme' });
      const queries = await agent.queriesDuring(async () => {
        expect(await borealis.get('/leads/lead_0021')).toEqual(before);
      });
      expect(queries).toBe(0);
    });

    it('refuses a phone that another lead has', async () => {
      const answer = await acme.patch<Problem>('/leads/lead_0022', { phone: LEAD_7.phone });
      expect(answer.status).toBe(409);
      expect(answer.body.errors).toEqual([{ field: 'phone', message: 'Another lead has it' }]);
    });

    it('of a lead that does not exist is 404', async () => {
      expect(await acme.patch('/leads/lead_9998', { firstName: 'X' })).toEqual(
        problem(404, 'Not Found', 'There is no such lead', '/leads/lead_9998'),
      );
    });
  });
});
