import { callSchema } from '../../apps/voice-agent/src/calls/call.schema.js';
import { conversationInitiationData } from '../../apps/voice-agent/src/webhooks/conversation-initiation.schema.js';
import type { Organization } from '../../apps/voice-agent/src/organizations/organization.schema.js';
import type { Problem } from '../../apps/voice-agent/src/problems/problem.js';
import type { CallJson, ConversationJson } from './json.js';
import { ACME, BOREALIS, COBALT, problem, SECRET, VoiceAgent } from './voice-agent.js';

const ACME_NUMBER = '+14155550100';
const BOREALIS_NUMBER = '+14155550101';
const WEBHOOK = '/webhooks/conversation-initiation';

describe('calls', () => {
  let agent: VoiceAgent;
  let acme: ReturnType<VoiceAgent['as']>;

  beforeAll(async () => {
    agent = await VoiceAgent.start();
    acme = agent.as(ACME);
  });

  afterAll(() => agent.stop());

  describe('the conversation-initiation webhook', () => {
    it('tells what the agent should know of a lead who calls', async () => {
      const answer = await agent.call(ACME_NUMBER, '+12015550106');
      expect(answer).toEqual({
        status: 200,
        type: 'application/json; charset=utf-8',
        body: {
          type: 'conversation_initiation_client_data',
          dynamic_variables: {
            organization_name: 'Acme Solar',
            greeting: 'Hi Ben, this is Acme Solar. How can I help?',
            caller_known: true,
            lead_id: 'lead_0007',
            customer_name: 'Ben Gupta',
            lead_status: 'new',
            last_contact: '2026-06-25',
            recent_messages:
              'lead: Hello, I am calling about a site visit.\n' +
              'agent: Happy to help with a site visit. What would you like to know?',
          },
        },
      });
      conversationInitiationData.parse(answer.body);
    });

    it('answers from the cache alone once it is warm', async () => {
      const cold = await agent.call(ACME_NUMBER, '+12015550110');
      const queries = await agent.queriesDuring(async () => {
        expect(await agent.call(ACME_NUMBER, '+12015550110')).toEqual(cold);
      });
      expect(queries).toBe(0);
    });

    it('goes by the number that was called: the same caller is somebody else there', async () => {
      const names = await Promise.all(
        [ACME_NUMBER, BOREALIS_NUMBER].map(async (number) => {
          const { body } = await agent.call(number, '+12015550106');
          return body.dynamic_variables.customer_name;
        }),
      );
      expect(names).toEqual(['Ben Gupta', 'Hugo Ito']);
    });

    it.each(['+12025550999', 'anonymous', 'Restricted', ''])(
      'greets a caller nobody knows: %j',
      async (caller) => {
        expect((await agent.call(ACME_NUMBER, caller)).body).toEqual({
          type: 'conversation_initiation_client_data',
          dynamic_variables: {
            organization_name: 'Acme Solar',
            greeting: 'Hi there, this is Acme Solar. How can I help?',
            caller_known: false,
            lead_id: '',
            customer_name: '',
            lead_status: 'unknown',
            last_contact: 'never',
            recent_messages: '',
          },
        });
      },
    );

    it('hears of every change at once', async () => {
      const variables = async () =>
        (await agent.call('+14155550102', '+12015550130')).body.dynamic_variables;
      const cobalt = agent.as(COBALT);
      await variables();

      await cobalt.patch('/leads/lead_0031', { firstName: 'Nina', lastName: 'Noor' });
      await cobalt.put('/greetings/voice', { template: '{organization} for {first_name}' });
      await cobalt.patch('/organization', { name: 'Cobalt & Co' });
      const opened = await cobalt.post<ConversationJson>('/leads/lead_0031/conversations', {
        channel: 'voice',
      });
      await cobalt.post(`/conversations/${opened.body.id}/messages`, {
        author: 'lead',
        text: 'The very last word',
      });

      const after = await variables();
      expect(after).toMatchObject({
        organization_name: 'Cobalt & Co',
        greeting: 'Cobalt & Co for Nina',
        customer_name: 'Nina Noor',
      });
      expect(after.recent_messages.split('\n').at(-1)).toBe('lead: The very last word');
      expect((await cobalt.get<Organization>('/organization')).body.name).toBe('Cobalt & Co');
    });

    it('knows a new lead although the caller was unknown a moment ago', async () => {
      expect((await agent.call(ACME_NUMBER, '+12025559301')).body.dynamic_variables).toMatchObject({
        caller_known: false,
      });
      await acme.post('/leads', { phone: '+12025559301', firstName: 'Just', lastName: 'Entered' });
      expect((await agent.call(ACME_NUMBER, '+12025559301')).body.dynamic_variables).toMatchObject({
        customer_name: 'Just Entered',
      });
    });

    it('lets nobody in without the secret', async () => {
      const refusal = problem(
        401,
        'Unauthorized',
        'Send the secret in the header x-webhook-secret',
        WEBHOOK,
      );
      for (const wrong of ['', 'x', SECRET.toUpperCase(), `${SECRET} `, SECRET.slice(0, -1)]) {
        expect(await agent.call(ACME_NUMBER, '+12015550106', wrong)).toEqual(refusal);
      }
      expect(await agent.request('POST', WEBHOOK, {}, {})).toEqual(refusal);
      expect(await agent.request('POST', WEBHOOK, { 'x-api-key': ACME }, {})).toEqual(refusal);
    });

    it('is 404 for a number that nobody has', async () => {
      for (const number of ['+14155550199', 'no number']) {
        expect(await agent.call(number, '+12015550106')).toEqual(
          problem(404, 'Not Found', 'There is no such organization', WEBHOOK),
        );
      }
    });

    it('names what is missing', async () => {
      const headers = { 'x-webhook-secret': SECRET };
      const { status, body } = await agent.request<Problem>('POST', WEBHOOK, headers, {
        caller_id: '+12015550106',
      });
      expect(status).toBe(400);
      expect(body.errors?.map(({ field }) => field)).toEqual([
        'agent_id',
        'called_number',
        'call_sid',
      ]);
    });
  });

  describe('call sessions', () => {
    it('start, are asked for without the database, and end', async () => {
      const started = await acme.post<CallJson>('/calls', {
        callSid: 'CA1',
        agentId: 'agent_1',
        leadId: 'lead_0007',
      });
      expect(started).toEqual({
        status: 201,
        type: 'application/json; charset=utf-8',
        body: {
          id: expect.stringMatching(/^call_/),
          leadId: 'lead_0007',
          callSid: 'CA1',
          agentId: 'agent_1',
          state: 'in_progress',
          outcome: null,
          startedAt: expect.any(String),
          endedAt: null,
        },
      });
      callSchema.parse(started.body);
      const url = `/calls/${started.body.id}`;
      const readsWithoutDatabase = async (body: unknown) => {
        const queries = await agent.queriesDuring(async () => {
          expect((await acme.get(url)).body).toEqual(body);
        });
        expect(queries).toBe(0);
      };
      await readsWithoutDatabase(started.body);

      const ended = await acme.post(`${url}/end`, { outcome: 'Appointment made' });
      expect(ended.body).toEqual({
        ...started.body,
        state: 'ended',
        outcome: 'Appointment made',
        endedAt: expect.any(String),
      });
      await readsWithoutDatabase(ended.body);

      expect(await acme.post(`${url}/end`, { outcome: 'Again' })).toEqual(
        problem(409, 'Conflict', 'This call has ended already', `${url}/end`),
      );
      await readsWithoutDatabase(ended.body);
    });

    it('start once for each call of the provider', async () => {
      const call = { callSid: 'CA2', agentId: 'agent_1' };
      expect((await acme.post('/calls', call)).status).toBe(201);
      const again = await acme.post<Problem>('/calls', call);
      expect(again.status).toBe(409);
      expect(again.body.errors).toEqual([
        { field: 'callSid', message: 'This call was started before' },
      ]);
      expect((await agent.as(BOREALIS).post('/calls', call)).status).toBe(201);
    });

    it('belong to a lead there is', async () => {
      const call = { callSid: 'CA3', agentId: 'agent_1', leadId: 'lead_9999' };
      expect(await acme.post('/calls', call)).toEqual(
        problem(404, 'Not Found', 'There is no such lead', '/calls'),
      );
    });

    it('are not there for other organizations', async () => {
      const { body } = await acme.post<CallJson>('/calls', { callSid: 'CA4', agentId: 'agent_1' });
      const url = `/calls/${body.id}`;
      const borealis = agent.as(BOREALIS);
      expect(await borealis.get(url)).toEqual(
        problem(404, 'Not Found', 'There is no such call', url),
      );
      expect((await borealis.post(`${url}/end`, { outcome: 'Mine' })).status).toBe(404);
      expect((await acme.get(url)).body).toEqual(body);
    });
  });
});
