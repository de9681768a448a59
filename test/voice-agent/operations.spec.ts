import { Logger } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Problem } from '../../apps/voice-agent/src/problems/problem.js';
import { parsePrometheusText } from '../support/prometheus-text.js';
import { ACME, problem, VoiceAgent } from './voice-agent.js';

interface Operation {
  readonly summary?: string;
  readonly operationId: string;
  readonly security?: unknown[];
  readonly responses: Record<string, unknown>;
}

describe('operations', () => {
  let agent: VoiceAgent;

  beforeAll(async () => {
    agent = await VoiceAgent.start();
  });

  afterAll(() => agent.stop());

  afterEach(() => jest.restoreAllMocks());

  describe('/health', () => {
    it('says that database, cache and memory are well', async () => {
      const details = {
        database: { status: 'up' },
        cache: {
          status: 'up',
          mode: 'redis',
          latencyMs: expect.any(Number),
          persistence: 'up',
        },
        memory: { status: 'up' },
      };
      expect(await agent.request('GET', '/health')).toEqual({
        status: 200,
        type: 'application/json; charset=utf-8',
        body: { status: 'ok', info: details, error: {}, details },
      });
    });

    it('says so when the database is away, and gives nothing away', async () => {
      jest.spyOn(Logger.prototype, 'error').mockImplementation();
      jest
        .spyOn(agent.database, 'execute')
        .mockRejectedValue(new Error('connect ECONNREFUSED user:secret@10.0.0.7'));
      const answer = await agent.request('GET', '/health');
      expect(answer).toMatchObject({
        status: 503,
        type: 'application/json; charset=utf-8',
        body: {
          status: 'error',
          error: { database: { status: 'down', message: 'does not answer' } },
        },
      });
      expect(JSON.stringify(answer)).not.toContain('secret');
    });
  });

  describe('/metrics', () => {
    it('tells Prometheus what the caches did, and nothing of whose', async () => {
      await agent.as(ACME).get('/leads/lead_0502');
      const { statusCode, headers, body } = await agent.app.inject({ url: '/metrics' });
      expect([statusCode, headers['content-type']]).toEqual([
        200,
        'text/plain; version=0.0.4; charset=utf-8',
      ]);
      const loads = parsePrometheusText(body)
        .get('cache_operations_total')
        ?.samples.filter(
          ({ labels: { operation, type, resource } }) =>
            [operation, type, resource].join(' ') === 'load success lead.byId',
        );
      expect(loads?.map(({ value }) => value)).toEqual([1]);
      expect(body).not.toContain('lead_0502');
      expect(body).not.toContain('acme');
    });
  });

  describe('a lead', () => {
    it('is answered with a word on how the cache had it', async () => {
      const statusOf = async () => {
        const headers = { 'x-api-key': ACME };
        const answer = await agent.app.inject({ url: '/leads/lead_0501', headers });
        return [answer.headers['x-cache-status'], answer.headers['cache-status']];
      };
      expect(await statusOf()).toEqual(['MISS', 'voice-agent; fwd=miss; detail=absent']);
      expect(await statusOf()).toEqual(['HIT', 'voice-agent; hit; detail=near']);
    });
  });

  describe('problems', () => {
    it('of the app are logged, and answered without saying what they were', async () => {
      const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
      jest.spyOn(agent.database, 'select').mockImplementation(() => {
        throw new Error('password is secret');
      });
      expect(await agent.as(ACME).get('/leads/lead_0500')).toEqual(
        problem(
          500,
          'Internal Server Error',
          'Something went wrong on our side',
          '/leads/lead_0500',
        ),
      );
      expect(error).toHaveBeenCalledTimes(1);
    });

    it('leave nothing in the cache', async () => {
      expect((await agent.as(ACME).get('/leads/lead_0500')).status).toBe(200);
    });

    it('are answered for routes that are not there', async () => {
      expect(await agent.request('GET', '/nothing?key=value')).toEqual(
        problem(404, 'Not Found', 'Cannot GET /nothing?key=value', '/nothing'),
      );
    });

    it('are answered for bodies that are no JSON, or no object', async () => {
      const headers = { 'x-api-key': ACME, 'content-type': 'application/json' };
      const broken = await agent.request('POST', '/leads', headers, '{"phone"');
      expect(broken).toMatchObject({ status: 400, body: { title: 'Bad Request', status: 400 } });
      const list = await agent.request<Problem>('POST', '/leads', headers, '[]');
      expect(list.body.errors).toEqual([{ field: 'body', message: expect.any(String) }]);
    });
  });

  describe('the description of the API', () => {
    let document: OpenAPIObject;
    let operations: [method: string, path: string, operation: Operation][];

    beforeAll(async () => {
      document = (await agent.request<OpenAPIObject>('GET', '/docs-json')).body;
      operations = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods as Record<string, Operation>).map(
          ([method, operation]): [string, string, Operation] => [method, path, operation],
        ),
      );
    });

    it('is served for people, too', async () => {
      const page = await agent.app.inject({ url: '/docs' });
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain('<title>Voice agent</title>');
    });

    it('names every operation once and says what it does and answers', () => {
      expect(document).toMatchObject({ openapi: '3.0.0', info: { title: 'Voice agent' } });
      const ids = operations.map(([, , { operationId }]) => operationId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBeGreaterThan(20);
      for (const [method, path, { summary, responses }] of operations) {
        expect([method, path, summary]).toEqual([method, path, expect.stringMatching(/\w{3}/)]);
        expect(Object.keys(responses)).toEqual(
          expect.arrayContaining([expect.stringMatching(/^20[0124]$/), 'default']),
        );
      }
    });

    it('refers only to what it holds', () => {
      const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)];
      expect(references.length).toBeGreaterThan(20);
      for (const [, path] of references) {
        const target = path!
          .split('/')
          .reduce<unknown>((node, part) => (node as Record<string, unknown>)[part], document);
        expect([path, target]).toEqual([path, expect.any(Object)]);
      }
    });

    it('describes bodies by the schemas that check them', () => {
      expect(document.components?.schemas?.NewLead).toMatchObject({
        type: 'object',
        required: ['phone', 'firstName', 'lastName'],
        properties: { firstName: { type: 'string', minLength: 1, maxLength: 100 } },
      });
    });

    it('is right about what needs a key: all but webhooks and the health check', async () => {
      const open: string[] = [];
      for (const [method, path, { security = document.security ?? [] }] of operations) {
        const url = path.replace(/\{\w+\}/g, 'x');
        const { status, body } = await agent.request<Problem>(method.toUpperCase() as 'GET', url);
        const asksForKey = status === 401 && body.detail.includes('x-api-key');
        expect([path, asksForKey]).toEqual([path, security.length > 0]);
        if (!asksForKey) open.push(path);
      }
      expect(open.sort()).toEqual([
        '/admin/webhook',
        '/health',
        '/webhooks/cache-alerts',
        '/webhooks/conversation-initiation',
      ]);
    });
  });
});
