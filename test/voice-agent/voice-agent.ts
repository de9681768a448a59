import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { HealthCheckResult } from '@nestjs/terminus';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from '../../apps/voice-agent/src/application.js';
import type { Environment } from '../../apps/voice-agent/src/config/environment.js';
import { DATABASE, type Database } from '../../apps/voice-agent/src/database/database.js';
import { QueryCounter } from '../../apps/voice-agent/src/database/query-counter.js';
import { developmentApiKey } from '../../apps/voice-agent/src/database/seed/sample-organizations.js';
import type { Problem } from '../../apps/voice-agent/src/problems/problem.js';
import type { ConversationInitiationData } from '../../apps/voice-agent/src/webhooks/conversation-initiation.schema.js';
import { copyOfSampleDatabase } from './sample-database.js';

// The embedded database takes seconds to start, more on a busy machine.
jest.setTimeout(180_000);

export const ACME = developmentApiKey('acme-solar');
export const BOREALIS = developmentApiKey('borealis-dental');
export const COBALT = developmentApiKey('cobalt-realty');

export const SECRET = 'the-webhook-secret-of-the-tests';
export const ALERT_SECRET = 'the-alert-secret-of-the-tests';

export const OPERATOR_KEY = 'the-operator-key-of-the-tests';
export const CACHE_WEBHOOK_SECRET = 'the-secret-for-evictions-of-the-tests';

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly type: string;
  readonly body: Body;
}

type Settings = Partial<Record<keyof Environment, string>>;

/** The app with a database of its own, on the Redis of the test run. */
export class VoiceAgent {
  private constructor(
    readonly app: NestFastifyApplication,
    private readonly removeDatabase: () => Promise<void>,
  ) {}

  /** Resolves when the cache is connected too, unless the settings say something about Redis. */
  static async start(settings: Settings = {}): Promise<VoiceAgent> {
    const database =
      settings.PGLITE_DIR === undefined
        ? await sampleDatabase()
        : { folder: settings.PGLITE_DIR, remove: () => Promise.resolve() };
    try {
      const app = await startApp({ ...settings, PGLITE_DIR: database.folder });
      const agent = new VoiceAgent(app, database.remove);
      const isUsual = !Object.keys(settings).some((name) => /^(?:REDIS|CACHE)_/.test(name));
      if (isUsual) await agent.untilConnected();
      return agent;
    } catch (error) {
      await database.remove();
      throw error;
    }
  }

  get database(): Database {
    return this.app.get<Database>(DATABASE);
  }

  /** How many statements the database got while `work` ran. */
  async queriesDuring(work: () => Promise<unknown>): Promise<number> {
    const counter = this.app.get(QueryCounter);
    const before = counter.count;
    await work();
    return counter.count - before;
  }

  async request<Body = unknown>(
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    url: string,
    headers: Record<string, string> = {},
    payload?: object | string,
  ): Promise<Answer<Body>> {
    const answer = await this.app.inject({ method, url, headers, payload });
    return {
      status: answer.statusCode,
      type: String(answer.headers['content-type']),
      body: (answer.body === '' ? undefined : JSON.parse(answer.body)) as Body,
    };
  }

  /** Calls with the API key of an organization. */
  as(key: string) {
    const headers = { 'x-api-key': key };
    return {
      get: <B>(url: string) => this.request<B>('GET', url, headers),
      post: <B>(url: string, body?: object) => this.request<B>('POST', url, headers, body),
      patch: <B>(url: string, body: object) => this.request<B>('PATCH', url, headers, body),
      put: <B>(url: string, body: object) => this.request<B>('PUT', url, headers, body),
      delete: (url: string) => this.request('DELETE', url, headers),
    };
  }

  /** A call that comes in, as ElevenLabs tells it. */
  call(
    called_number: string,
    caller_id: string,
    secret = SECRET,
  ): Promise<Answer<ConversationInitiationData>> {
    return this.request(
      'POST',
      '/webhooks/conversation-initiation',
      { 'x-webhook-secret': secret },
      { caller_id, agent_id: 'agent_1', called_number, call_sid: 'CA000001' },
    );
  }

  /** The app itself does not wait for this, and what was cached before is then loaded anew. */
  async untilConnected(): Promise<void> {
    while ((await this.health()).details.cache?.mode !== 'redis') await setTimeout(10);
  }

  /** The same where it keeps its entries in memory alone. */
  async untilTold(): Promise<void> {
    while ((await this.health()).details.cache?.evictions !== 'told') await setTimeout(10);
  }

  async health(): Promise<HealthCheckResult> {
    return (await this.request<HealthCheckResult>('GET', '/health')).body;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.removeDatabase();
  }
}

/** A database of a test's own, in which the app has put its sample data. */
export function sampleDatabase(): ReturnType<typeof copyOfSampleDatabase> {
  return copyOfSampleDatabase(makeSampleDatabase);
}

async function makeSampleDatabase(folder: string): Promise<void> {
  const app = await startApp({ PGLITE_DIR: folder, REDIS_ENABLED: 'false', REDIS_URL: '' });
  await app.close();
}

async function startApp(settings: Settings): Promise<NestFastifyApplication> {
  const before = { ...process.env };
  Object.assign(process.env, {
    DATABASE_URL: '',
    SEED: 'true',
    REDIS_ENABLED: 'true',
    // A busy machine is no outage.
    REDIS_TIMEOUT: '10s',
    CACHE_ENABLED: 'true',
    // Tests count what they load themselves.
    CACHE_WARM: 'false',
    ALERTS_ENABLED: 'false',
    ALERT_WEBHOOK_SECRET: ALERT_SECRET,
    CACHE_PREFIX: `${String(before.TEST_RUN_PREFIX)}-${randomUUID()}`,
    ELEVENLABS_WEBHOOK_SECRET: SECRET,
    OPERATOR_KEY,
    CACHE_WEBHOOK_SECRET,
    // A worker of the test runner holds far more than the app.
    HEALTH_MAX_HEAP_MB: '8192',
    ...settings,
  });
  try {
    const app = await createApplication();
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    return app;
  } finally {
    process.env = before;
  }
}

/** A problem document as the app answers it. */
export function problem(
  status: number,
  title: string,
  detail: string,
  instance: string,
): Answer<Problem> {
  return {
    status,
    type: 'application/problem+json; charset=utf-8',
    body: { type: 'about:blank', title, status, detail, instance },
  };
}
