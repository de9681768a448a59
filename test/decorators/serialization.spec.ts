import {
  ClassSerializerInterceptor,
  Controller,
  Get,
  Injectable,
  Param,
  UseInterceptors,
  type LoggerService,
} from '@nestjs/common';
import { Cacheable } from 'nestjs-redis-cache';
import request from 'supertest';
import { CacheApps, ownPrefix, type CacheApp } from '../support/cache-apps.js';

class Contact {
  constructor(readonly phone: string) {}

  toPublic(): Record<string, unknown> {
    return { phone: `${this.phone.slice(0, 3)}…` };
  }
}

class Lead {
  readonly calledAt = new Date(0);
  readonly tags = new Set(['hot']);

  constructor(
    readonly id: string,
    readonly password: string,
    readonly contact: Contact,
  ) {}

  get label(): string {
    return `Lead ${this.id}`;
  }

  /** What `@Exclude()` and `@Expose()` would leave. */
  toPublic(): Record<string, unknown> {
    return {
      id: this.id,
      label: this.label,
      contact: this.contact.toPublic(),
      tags: [...this.tags],
    };
  }
}

/** As class-transformer does it: by the class of the instance, so that one without it shows all. */
const transformerPackage = {
  classToPlain: (value: unknown): Record<string, unknown> =>
    value instanceof Lead ? value.toPublic() : { ...(value as object) },
  plainToInstance: (): never => {
    throw new Error('not needed: values keep their class');
  },
};

@Injectable()
class Serializer extends ClassSerializerInterceptor {
  constructor() {
    super({ getAllAndOverride: () => undefined }, { transformerPackage });
  }
}

abstract class Leads {
  loads = 0;

  protected load(id: string): Lead {
    this.loads += 1;
    return new Lead(id, 'secret', new Contact('+15551234567'));
  }
}

@Controller('leads')
@UseInterceptors(Serializer)
class LeadController extends Leads {
  @Get('one/:id')
  @Cacheable('typed.one', { scope: 'global', type: () => [Lead, Contact] })
  async one(@Param('id') id: string): Promise<Lead> {
    return this.load(id);
  }

  @Get('all/:id')
  @Cacheable('typed.all', { scope: 'global', type: () => [Lead, Contact], near: { share: true } })
  async all(@Param('id') id: string): Promise<Lead[]> {
    return [this.load(id), this.load(id)];
  }

  @Get('untyped/:id')
  @Cacheable('untyped', { scope: 'global' })
  async untyped(@Param('id') id: string): Promise<Lead> {
    return this.load(id);
  }

  @Get('half/:id')
  @Cacheable('half', { scope: 'global', type: () => Lead })
  async half(@Param('id') id: string): Promise<Lead> {
    return this.load(id);
  }
}

const PUBLIC = { id: '1', label: 'Lead 1', contact: { phone: '+15…' }, tags: ['hot'] };

function silentLogger(): LoggerService & { warnings: unknown[] } {
  const warnings: unknown[] = [];
  const ignore = () => undefined;
  return {
    log: ignore,
    error: ignore,
    warn: (message: unknown) => warnings.push(message),
    warnings,
  };
}

describe.each(['express', 'fastify'] as const)(
  'instances that a cached route returns, on %s',
  (http) => {
    const apps = new CacheApps();

    const boot = (prefix: string, logger = silentLogger()) =>
      apps.boot({ http, tier: 'redis', controllers: [LeadController], cache: { prefix }, logger });

    const get = async (app: CacheApp, path: string) => {
      const { status, text, headers } = await request(app.nest.getHttpServer()).get(
        `/leads/${path}`,
      );
      return { status, text, type: headers['content-type'] as unknown };
    };

    it.each([
      ['one/1', 'typed.one', PUBLIC, 1],
      ['all/1', 'typed.all', [PUBLIC, PUBLIC], 2],
    ])(
      'are serialized alike on a miss, a near hit and a far hit: %s',
      async (path, cache, body, loads) => {
        const prefix = ownPrefix();
        const [a, b] = [await boot(prefix), await boot(prefix)];
        const [miss, near, far] = [await get(a, path), await get(a, path), await get(b, path)];
        expect(miss).toEqual({
          status: 200,
          text: JSON.stringify(body),
          type: 'application/json; charset=utf-8',
        });
        expect([near, far]).toEqual([miss, miss]);
        expect(a.counters(cache)).toMatchObject({ loads: 1, nearHits: 1, farHits: 0 });
        expect(b.counters(cache)).toMatchObject({ loads: 0, nearHits: 0, farHits: 1 });
        expect([a, b].map((app) => app.get(LeadController).loads)).toEqual([loads, 0]);
      },
    );

    it.each([
      ['untyped', 'Lead'],
      ['half', 'Contact'],
    ])(
      'are answered but not stored where type does not name their class: %s',
      async (cache, missing) => {
        const logger = silentLogger();
        const app = await boot(ownPrefix(), logger);
        const answers = [
          await get(app, `${cache}/1`),
          await get(app, `${cache}/1`),
          await get(app, `${cache}/2`),
        ];
        expect(answers.map(({ text }) => JSON.parse(text) as unknown)).toEqual([
          PUBLIC,
          PUBLIC,
          { ...PUBLIC, id: '2', label: 'Lead 2' },
        ]);
        expect(app.get(LeadController).loads).toBe(3);
        expect(app.counters(cache)).toMatchObject({
          loads: 3,
          fills: 0,
          uncacheable: 3,
          nearHits: 0,
        });
        expect(logger.warnings).toEqual([
          expect.stringMatching(
            new RegExp(
              `^A value of the cache '${cache}' was answered but not stored: .*\\b${missing}\\b`,
            ),
          ),
        ]);
      },
    );
  },
);

describe.each(['memory', 'redis'] as const)(
  'instances that a cached service returns, in %s',
  (tier) => {
    const apps = new CacheApps();

    @Injectable()
    class LeadService extends Leads {
      @Cacheable('typed.one', { scope: 'global', type: () => [Lead, Contact] })
      async one(id: string): Promise<Lead> {
        return this.load(id);
      }
    }

    it('are instances on a hit, too, with all they had', async () => {
      const leads = (await apps.boot({ tier, providers: [LeadService] })).get(LeadService);
      const [miss, hit] = [await leads.one('1'), await leads.one('1')];
      expect(hit).not.toBe(miss);
      expect([hit, hit.contact]).toEqual([expect.any(Lead), expect.any(Contact)]);
      expect([hit.label, hit.calledAt, hit.tags]).toEqual([
        'Lead 1',
        new Date(0),
        new Set(['hot']),
      ]);
      expect(hit).toStrictEqual(miss);
      expect(leads.loads).toBe(1);
    });
  },
);
