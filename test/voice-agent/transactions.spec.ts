import { CacheService, runWithTenant } from 'nestjs-redis-cache';
import { eq, sql } from 'drizzle-orm';
import { ConversationsService } from '../../apps/voice-agent/src/conversations/conversations.service.js';
import { leads } from '../../apps/voice-agent/src/database/schema.js';
import { Transactions } from '../../apps/voice-agent/src/database/transactions.js';
import { LeadsService } from '../../apps/voice-agent/src/leads/leads.service.js';
import { Gate } from '../support/gate.js';
import type { ContextJson, ConversationJson, LeadJson, MessagePageJson } from './json.js';
import { ACME, BOREALIS, VoiceAgent } from './voice-agent.js';

const REFUSED = 'Refused.';
const REFUSED_AT_COMMIT = 'Refused at the commit.';
const ROLLBACK = new Error('rolled back');

/** Faults that only the database finds: with a statement, and not before the commit. */
const FAULTS = [
  sql.raw(`alter table messages add constraint refused check (text <> '${REFUSED}')`),
  sql`create function refuse() returns trigger language plpgsql
      as $$ begin raise exception 'refused'; end $$`,
  sql.raw(`create constraint trigger refused_at_commit after insert on messages
           deferrable initially deferred for each row
           when (new.text = '${REFUSED_AT_COMMIT}') execute function refuse()`),
];

describe('transactions', () => {
  let agent: VoiceAgent;
  let acme: ReturnType<VoiceAgent['as']>;

  beforeAll(async () => {
    agent = await VoiceAgent.start();
    acme = agent.as(ACME);
    agent.app.useLogger(false); // of the faults below
    for (const fault of FAULTS) await agent.database.execute(fault);
  });

  afterAll(() => agent.stop());

  /** A lead whom nobody has spoken to, and all that is cached of it. */
  async function newLead(phone: string) {
    const lead = { phone, firstName: 'Nina', lastName: 'New' };
    const { body } = await acme.post<LeadJson>('/leads', lead);
    const url = `/leads/${body.id}`;
    const byPhone = `/leads/by-phone/${encodeURIComponent(phone)}`;
    const urls = [url, byPhone, `${url}/context`, `${url}/summary`, `${url}/messages`];
    const read = () => Promise.all(urls.map(async (each) => (await acme.get(each)).body));
    return { id: body.id, url, read, before: await read() };
  }

  const ours = (text: string) => ({ author: 'human', text });
  const status = async (url: string) => (await acme.get<LeadJson>(url)).body.status;
  const textsOf = async (url: string) => {
    const { body } = await acme.get<MessagePageJson>(`${url}/messages`);
    return body.items.map(({ text }) => text);
  };

  describe('that commit', () => {
    it('evict what every service in them has changed', async () => {
      const { url, read, before } = await newLead('+12025559301');
      const opened = await acme.post<ConversationJson>(`${url}/conversations`, {
        channel: 'sms',
        message: ours('Hello!'),
      });
      expect(opened.status).toBe(201);
      const [byId, byPhone, context, summary, messages] = await read();
      expect([byId, byPhone]).toEqual([
        { ...(before[0] as LeadJson), status: 'contacted', updatedAt: expect.any(String) },
        byId,
      ]);
      expect(context).toMatchObject({
        lastConversation: opened.body,
        recentMessages: [{ text: 'Hello!' }],
      });
      expect(summary).toMatchObject({ conversations: 1, messages: 1 });
      expect(messages).toMatchObject({ items: [{ text: 'Hello!' }], total: 1 });
    });

    it('evict nothing of a lead that only speaks itself but its conversations', async () => {
      const { url, before } = await newLead('+12025559302');
      const message = { author: 'lead', text: 'Hello?' };
      await acme.post(`${url}/conversations`, { channel: 'sms', message });
      const queries = await agent.queriesDuring(async () => {
        expect((await acme.get(url)).body).toEqual(before[0]);
      });
      expect(queries).toBe(0);
      expect(await textsOf(url)).toEqual(['Hello?']);
    });

    it('evict after the commit: till then, others are answered from the cache', async () => {
      const { id, url } = await newLead('+12025559303');
      const gate = new Gate();
      const writing = asAcme(() =>
        agent.database.transaction(async () => {
          await agent.app.get(LeadsService).update(id, { status: 'won' });
          await gate.pass();
        }),
      );
      await gate.reached;
      // Not by a read: one that missed would wait for the only connection of the embedded database.
      const cached = await asAcme(() => agent.app.get(CacheService).cache('lead.byId').get(id));
      gate.open();
      await writing;
      expect(cached).toMatchObject({ id, status: 'new' });
      expect(await status(url)).toBe('won');
    });
  });

  describe('that are rolled back', () => {
    it('change and evict nothing', async () => {
      const { url, read, before } = await newLead('+12025559311');
      const queries = await agent.queriesDuring(async () => {
        const body = { channel: 'sms', message: ours(REFUSED) };
        expect((await acme.post(`${url}/conversations`, body)).status).toBe(500);
      });
      expect(queries).toBeGreaterThan(2);
      expect(await agent.queriesDuring(async () => expect(await read()).toEqual(before))).toBe(0);
      await asAcme(() => agent.app.get(CacheService).evictTenant());
      expect(await read()).toEqual(before);
    });

    it('by a commit that fails change nothing, but evict, as it might have been made', async () => {
      const { url, read, before } = await newLead('+12025559312');
      const body = { channel: 'sms', message: ours(REFUSED_AT_COMMIT) };
      expect((await acme.post(`${url}/conversations`, body)).status).toBe(500);
      const queries = await agent.queriesDuring(async () => {
        expect(await read()).toEqual(before);
      });
      expect(queries).toBeGreaterThan(2);
    });

    it('in part keep the rest: a nested one is a savepoint', async () => {
      const { id, url } = await newLead('+12025559321');
      const service = agent.app.get(ConversationsService);
      const refused = { author: 'human', text: REFUSED } as const;
      await asAcme(() =>
        agent.database.transaction(async () => {
          const conversation = await service.open(id, { channel: 'web' });
          await expect(service.addMessage(conversation, refused)).rejects.toThrow();
          await service.addMessage(conversation, { author: 'lead', text: 'Kept.' });
        }),
      );
      expect(await textsOf(url)).toEqual(['Kept.']);
      expect((await acme.get<ContextJson>(`${url}/context`)).body.recentMessages).toHaveLength(1);
      const queries = await agent.queriesDuring(async () => expect(await status(url)).toBe('new'));
      expect(queries).toBe(0);
    });
  });

  it('belong to the organization that began them, in what they evict too', async () => {
    const url = '/leads/lead_0030';
    const borealis = agent.as(BOREALIS);
    const before = (await borealis.get(url)).body;
    await acme.get(url);
    await acme.patch(url, { status: 'new' });
    await acme.post(`${url}/conversations`, { channel: 'sms', message: ours('Hello!') });
    expect(await status(url)).toBe('contacted');
    const queries = await agent.queriesDuring(async () => {
      expect((await borealis.get(url)).body).toEqual(before);
    });
    expect(queries).toBe(0);
  });

  it('end with their work: what goes on after it is part of none', async () => {
    const transactions = agent.app.get(Transactions);
    const gate = new Gate();
    let late: Promise<unknown> | undefined;
    const work = async () => {
      expect(transactions.current).toBeDefined();
      late = gate.pass().then(async () => {
        expect(transactions.current).toBeUndefined();
        return agent.database.select({ id: leads.id }).from(leads).where(eq(leads.id, 'lead_0001'));
      });
      throw ROLLBACK;
    };
    await expect(agent.database.transaction(work)).rejects.toBe(ROLLBACK);
    expect(transactions.current).toBeUndefined();
    gate.open();
    expect(await late).not.toHaveLength(0);
  });

  function asAcme<T>(work: () => Promise<T>): Promise<T> {
    return runWithTenant('acme-solar', work);
  }
});
