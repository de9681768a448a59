import type { LeadJson } from './json.js';
import { ACME, BOREALIS, problem, VoiceAgent } from './voice-agent.js';

describe('rate limits', () => {
  let agent: VoiceAgent;

  beforeAll(async () => {
    agent = await VoiceAgent.start();
  });
  afterAll(() => agent.stop());

  const lead = (number: number) => ({
    phone: `+1212555${String(number).padStart(4, '0')}`,
    firstName: 'Ada',
    lastName: 'Lovelace',
  });
  const statuses = async (count: number, call: (i: number) => Promise<{ status: number }>) => {
    const all: number[] = [];
    for (let i = 0; i < count; i++) all.push((await call(i)).status);
    return all;
  };
  const times = (count: number, status: number) => Array<number>(count).fill(status);

  it('allow 20 messages a minute in each conversation', async () => {
    const acme = agent.as(ACME);
    const open = async (leadId: string) => {
      const opened = await acme.post<{ id: string }>(`/leads/${leadId}/conversations`, {
        channel: 'voice',
      });
      return `/conversations/${opened.body.id}/messages`;
    };
    const [one, other] = [await open('lead_0001'), await open('lead_0002')];
    const say = (url: string) => acme.post(url, { author: 'lead', text: 'Hello' });
    expect(await statuses(21, () => say(one))).toEqual([...times(20, 201), 429]);
    expect((await say(other)).status).toBe(201);
  });

  it('allow each key 30 searches a minute, and tell when to come back', async () => {
    const acme = agent.as(ACME);
    expect(await statuses(30, () => acme.get('/leads?limit=1'))).toEqual(times(30, 200));
    const refused = await acme.get('/leads?limit=1');
    expect(refused).toEqual(
      problem(
        429,
        'Too Many Requests',
        expect.stringMatching(/^Too many requests: try again in \d+ s$/) as never,
        '/leads',
      ),
    );
    expect((await agent.as(BOREALIS).get('/leads?limit=1')).status).toBe(200);
    // What is read from the cache is not limited.
    expect((await acme.get('/leads/lead_0001')).status).toBe(200);
  });

  it('allow each organization 5 imports a minute, of all leads or none', async () => {
    const acme = agent.as(ACME);
    const imported = await acme.post<{ leads: LeadJson[] }>('/leads/import', {
      leads: [lead(1), lead(2)],
    });
    expect(imported.status).toBe(201);
    expect(imported.body.leads.map(({ phone }) => phone)).toEqual([lead(1).phone, lead(2).phone]);
    const taken = await acme.post('/leads/import', { leads: [lead(3), lead(1)] });
    expect(taken.status).toBe(409);
    expect((await acme.get(`/leads/by-phone/${lead(3).phone}`)).status).toBe(404);
    const more = (i: number) => acme.post('/leads/import', { leads: [lead(10 + i)] });
    expect(await statuses(4, more)).toEqual([...times(3, 201), 429]);
  });

  it('allow an address 5 new keys in a quarter of an hour', async () => {
    let key = BOREALIS;
    const rotate = async () => {
      const answer = await agent.as(key).post<{ apiKey?: string }>('/api-key/rotate');
      key = answer.body.apiKey ?? key;
      return answer;
    };
    expect(await statuses(6, rotate)).toEqual([...times(5, 200), 429]);
    expect((await agent.as(ACME).post('/api-key/rotate')).status).toBe(429);
  });
});
