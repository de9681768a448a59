import { isDeepStrictEqual } from 'node:util';
import type { INestApplication, LoggerService, ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CacheService, RedisCacheModule, type RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { inMode } from '../integration/support/cache-app.js';
import { ownPrefix } from '../support/cache-apps.js';
import { waitLongerByDefault } from './patient-defaults.js';

/** Where guides have it for those who try them. */
const NAMED_REDIS = { url: 'redis://localhost:6379' };

/** What was answered over HTTP; the body parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** An application of modules of a guide, listening, with Redis in use. */
export class GuideApp {
  readonly caches: CacheService;

  constructor(
    readonly nest: INestApplication,
    readonly url: string,
  ) {
    this.caches = nest.get(CacheService);
  }

  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.url + path, init);
    const { status, headers } = response;
    const text = await response.text();
    const isJson = headers.get('content-type')?.includes('json') === true;
    return { status, headers, body: isJson ? (JSON.parse(text) as unknown) : text };
  }
}

/**
 * Boots such applications, and closes those of each test behind it. Where a guide names a Redis for
 * those who try it, that of the test run takes its place.
 */
export class GuideApps {
  /** What the keys of this test begin with. */
  prefix = '';
  private readonly running: INestApplication[] = [];

  constructor() {
    const forRoot = RedisCacheModule.forRoot.bind(RedisCacheModule);
    // No guide is about a slow Redis.
    beforeAll(waitLongerByDefault);
    beforeEach(() => {
      this.prefix = ownPrefix();
      jest
        .spyOn(RedisCacheModule, 'forRoot')
        .mockImplementation((options) => forRoot(this.onTestRedis(options)));
    });
    afterEach(async () => {
      jest.restoreAllMocks();
      await Promise.all(this.running.splice(0).map((app) => app.close()));
    });
  }

  async boot(metadata: ModuleMetadata, logger?: LoggerService): Promise<GuideApp> {
    const testing = Test.createTestingModule(metadata);
    if (logger) testing.setLogger(logger);
    const compiled = await testing.compile();
    return this.listen(compiled.createNestApplication());
  }

  /** For an application that a guide creates itself. */
  async listen(nest: INestApplication): Promise<GuideApp> {
    this.running.push(nest);
    await nest.listen(0, '127.0.0.1');
    const app = new GuideApp(nest, await nest.getUrl());
    await inMode(app.caches, 'redis');
    return app;
  }

  private onTestRedis(options: RedisCacheModuleOptions = {}): RedisCacheModuleOptions {
    if (!isDeepStrictEqual(options.connection, NAMED_REDIS)) return options;
    const connection = { url: String(process.env.REDIS_URL) };
    return { ...options, connection, prefix: this.prefix };
  }
}
