import { DatabaseConnection } from '../../apps/voice-agent/src/database/database-connection.js';
import type { Problem } from '../../apps/voice-agent/src/problems/problem.js';
import { RATE_LIMITS } from 'nestjs-redis-cache/throttler';
import type {
  ContextJson,
  ConversationJson,
  HumanControlJson,
  LeadJson,
  MessageJson,
  MessagePageJson,
  SummaryJson,
} from './json.js';
import { eventually } from '../integration/support/eventually.js';
import { ACME, BOREALIS, problem, VoiceAgent } from './voice-agent.js';

const MESSAGE_1 = {
  id: 'msg_0007_1',
  conversationId: 'conv_0007',
  author: 'lead',
  text: 'Hello, I am calling about a site visit.',
  sentAt: '2026-06-25T09:00:00.000Z',
};
const MESSAGE_2 = {
  id: 'msg_0007_2',
  conversationId: 'conv_0007',
  author: 'agent',
  text: 'Happy to help with a site visit. What would you like to know?',
  sentAt: '2026-06-25T09:00:20.000Z',
};

describe('conversations', () => {
  let agent: VoiceAgent;
  let acme: ReturnType<VoiceAgent['as']>;

  beforeAll(async () => {
    agent = await VoiceAgent.start();
    acme = agent.as(ACME);
  });

  afterAll(() => agent.stop());

  describe('of a lead', () => {
    it.each([
      [
        'context',
        {
          lastConversation: {
            id: 'conv_0007',
            leadId: 'lead_0007',
            channel: 'voice',
            startedAt: '2026-06-25T09:00:00.000Z',
          },
          recentMessages: [MESSAGE_1, MESSAGE_2],
        },
      ],
      [
        'summary',
        {
          conversations: 1,
          messages: 2,
          lastContactAt: '2026-06-25T09:00:20.000Z',
          text: '2 messages, the last on 2026-06-25.',
        },
      ],
      ['messages', { items: [MESSAGE_2, MESSAGE_1], total: 2, limit: 20, offset: 0 }],
    ])('%s is answered, and the second time without the database', async (what, body) => {
      const url = `/leads/lead_0007/${what}`;
      const answer = { status: 200, type: 'application/json; charset=utf-8', body };
      expect(await acme.get(url)).toEqual(answer);
      const queries = await agent.queriesDuring(async () => {
        expect(await acme.get(url)).toEqual(answer);
      });
      expect(queries).toBe(0);
    });

    it.each(['context', 'summary', 'messages'])('%s is 404 without the lead', async (what) => {
      const url = `/leads/lead_9999/${what}`;
      expect(await acme.get(url)).toEqual(problem(404, 'Not Found', 'There is no such lead', url));
    });

    it('says so when there was none yet', async () => {
      const { body } = await acme.post<LeadJson>('/leads', {
        phone: '+12025559201',
        firstName: 'New',
        lastName: 'Lead',
      });
      const of = async (what: string) => (await acme.get(`/leads/${body.id}/${what}`)).body;
      expect(await of('context')).toEqual({ lastConversation: null, recentMessages: [] });
      expect(await of('summary')).toEqual({
        conversations: 0,
        messages: 0,
        lastContactAt: null,
        text: 'No contact yet.',
      });
      expect(await of('messages')).toEqual({ items: [], total: 0, limit: 20, offset: 0 });
    });
  });

  describe('a summary', () => {
    /** Keys of what the database keeps for a Redis that is empty. */
    async function kept(leadId: string): Promise<unknown[]> {
      const client = await agent.app.get(DatabaseConnection).plainClient();
      const { rows } = await client.query('SELECT key FROM redis_cache_entries');
      return rows.filter((row) =>
        JSON.stringify(row).includes(`/conversation.summary@1/${leadId}}`),
      );
    }

    it('is kept in the database as well, until the conversation goes on', async () => {
      await acme.get('/leads/lead_0011/summary');
      await eventually('it is kept', async () => (await kept('lead_0011')).length === 1);
      const conversation = await acme.post('/leads/lead_0011/conversations', { channel: 'voice' });
      expect(conversation.status).toBe(201);
      expect(await kept('lead_0011')).toEqual([]);
    });
  });

  describe('a new message', () => {
    it('is in context, summary and history at once', async () => {
      const opened = await acme.post<ConversationJson>('/leads/lead_0008/conversations', {
        channel: 'sms',
      });
      expect(opened.status).toBe(201);
      for (const what of ['context', 'summary', 'messages']) {
        await acme.get(`/leads/lead_0008/${what}`);
      }

      const added = await acme.post<MessageJson>(`/conversations/${opened.body.id}/messages`, {
        author: 'lead',
        text: 'Is anybody there?',
      });
      expect(added).toEqual({
        status: 201,
        type: 'application/json; charset=utf-8',
        body: {
          id: expect.stringMatching(/^msg_/),
          conversationId: opened.body.id,
          author: 'lead',
          text: 'Is anybody there?',
          sentAt: expect.any(String),
        },
      });

      const context = await acme.get<ContextJson>('/leads/lead_0008/context');
      expect(context.body.lastConversation).toEqual(opened.body);
      expect(context.body.recentMessages.at(-1)).toEqual(added.body);
      const summary = await acme.get<SummaryJson>('/leads/lead_0008/summary');
      expect(summary.body.lastContactAt).toBe(added.body.sentAt);
      const messages = await acme.get<MessagePageJson>('/leads/lead_0008/messages');
      expect(messages.body.items[0]).toEqual(added.body);
    });

    it('leaves what is cached of other leads and organizations alone', async () => {
      const borealis = agent.as(BOREALIS);
      const others = [
        () => acme.get('/leads/lead_0011/context'),
        () => borealis.get('/leads/lead_0010/context'),
      ];
      for (const read of others) await read();
      const opened = await acme.post<ConversationJson>('/leads/lead_0010/conversations', {
        channel: 'web',
      });
      await acme.post(`/conversations/${opened.body.id}/messages`, { author: 'lead', text: 'Hi' });
      const queries = await agent.queriesDuring(async () => {
        for (const read of others) await read();
      });
      expect(queries).toBe(0);
    });

    it('needs a conversation of the same organization', async () => {
      const { body } = await acme.post<ConversationJson>('/leads/lead_0012/conversations', {
        channel: 'web',
      });
      const url = `/conversations/${body.id}/messages`;
      const message = { author: 'lead', text: 'Hi' };
      expect(await agent.as(BOREALIS).post(url, message)).toEqual(
        problem(404, 'Not Found', 'There is no such conversation', url),
      );
    });
  });

  describe('history', () => {
    it('goes past the cached window to the database, page by page', async () => {
      // As many to a conversation as its limit lets through in a minute.
      const { limit } = RATE_LIMITS.chat;
      const opened = [];
      for (let count = 0; count < 120 / limit; count += 1) {
        const channel = { channel: 'web' };
        opened.push(await acme.post<ConversationJson>('/leads/lead_0013/conversations', channel));
      }
      const before = (await acme.get<MessagePageJson>('/leads/lead_0013/messages')).body.total;
      for (let number = 1; number <= 120; number += 1) {
        const conversation = opened[Math.floor((number - 1) / limit)]?.body.id;
        const message = { author: 'lead', text: `Message ${number}` };
        const { status } = await acme.post(`/conversations/${conversation}/messages`, message);
        expect(status).toBe(201);
      }
      const textsOf = async (query: string) => {
        const { body } = await acme.get<MessagePageJson>(`/leads/lead_0013/messages?${query}`);
        expect(body.total).toBe(before + 120);
        return body.items.map(({ text }) => text);
      };
      expect(await textsOf('limit=2')).toEqual(['Message 120', 'Message 119']);
      const queries = await agent.queriesDuring(async () => {
        expect(await textsOf('limit=2&offset=98')).toEqual(['Message 22', 'Message 21']);
      });
      expect(queries).toBe(0);
      expect(await textsOf('limit=3&offset=99')).toEqual([
        'Message 21',
        'Message 20',
        'Message 19',
      ]);
      expect(await textsOf('limit=2&offset=118')).toEqual(['Message 2', 'Message 1']);
    });

    it('names a limit that is out of range', async () => {
      const { status, body } = await acme.get<Problem>('/leads/lead_0007/messages?limit=0');
      expect(status).toBe(400);
      expect(body.errors).toEqual([{ field: 'limit', message: expect.any(String) }]);
    });
  });

  describe('greetings', () => {
    it('are changed for one channel of one organization', async () => {
      const voice = 'Hi {first_name}, this is {organization}. How can I help?';
      const greeting = (key: string, channel: string) => agent.as(key).get(`/greetings/${channel}`);
      expect((await greeting(ACME, 'voice')).body).toEqual({ template: voice });
      const others = async () => [
        (await greeting(ACME, 'sms')).body,
        (await greeting(BOREALIS, 'voice')).body,
      ];
      const before = await others();

      const changed = await acme.put('/greetings/voice', { template: 'Yes?' });
      expect(changed).toMatchObject({ status: 200, body: { template: 'Yes?' } });
      expect((await greeting(ACME, 'voice')).body).toEqual({ template: 'Yes?' });
      expect(await agent.queriesDuring(async () => expect(await others()).toEqual(before))).toBe(0);
    });

    it('have a channel', async () => {
      const { status, body } = await acme.get<Problem>('/greetings/fax');
      expect(status).toBe(400);
      expect(body.errors).toEqual([{ field: 'channel', message: expect.any(String) }]);
    });
  });

  describe('human control', () => {
    const url = '/conversations/conv_0007/control';
    const say = (author: string) =>
      acme.post('/conversations/conv_0007/messages', { author, text: 'Hello' });

    it('is with the agent until somebody takes over, and cached either way', async () => {
      const agentLeads = { takenBy: null, takenAt: null };
      expect((await acme.get(url)).body).toEqual(agentLeads);
      expect(await agent.queriesDuring(() => acme.get(url))).toBe(0);
      expect((await say('agent')).status).toBe(201);

      const taken = await acme.put(url, { takenBy: 'Zoe' });
      expect(taken.body).toEqual({ takenBy: 'Zoe', takenAt: expect.any(String) });
      expect((await acme.get(url)).body).toEqual(taken.body);
      expect(await agent.queriesDuring(() => acme.get(url))).toBe(0);

      expect(await acme.put(url, { takenBy: 'Yan' })).toEqual(
        problem(409, 'Conflict', 'Somebody has taken it over', url),
      );
      expect(await say('agent')).toEqual(
        problem(
          409,
          'Conflict',
          'A human has taken this conversation over',
          '/conversations/conv_0007/messages',
        ),
      );
      expect((await say('human')).status).toBe(201);

      expect((await acme.delete(url)).status).toBe(204);
      expect((await acme.get(url)).body).toEqual(agentLeads);
      expect((await say('agent')).status).toBe(201);
    });

    it('of one organization is none of another', async () => {
      await acme.put(url, { takenBy: 'Zoe' });
      expect((await agent.as(BOREALIS).get(url)).body).toEqual({ takenBy: null, takenAt: null });
      await agent.as(BOREALIS).delete(url);
      expect((await acme.get<HumanControlJson>(url)).body.takenBy).toBe('Zoe');
      await acme.delete(url);
    });

    it('needs a conversation', async () => {
      const missing = '/conversations/conv_9999/control';
      expect(await acme.put(missing, { takenBy: 'Zoe' })).toEqual(
        problem(404, 'Not Found', 'There is no such conversation', missing),
      );
    });
  });
});
