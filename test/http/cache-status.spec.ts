import {
  Controller,
  Get,
  Header,
  Injectable,
  NotFoundException,
  Param,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import {
  Cacheable,
  CachePut,
  CacheService,
  CacheStatusInterceptor,
  cacheStatusInterceptor,
  runWithTenant,
} from 'nestjs-redis-cache';
import { Observable, of } from 'rxjs';
import {
  CacheApps,
  ownPrefix,
  TIERS,
  type BootOptions,
  type CacheApp,
} from '../support/cache-apps.js';
import { Gate } from '../support/gate.js';
import { parseList } from '../support/structured-field.js';
import { until } from '../support/until.js';

@Injectable()
class Quotes {
  gate = new Gate();

  @Cacheable('quote', { scope: 'global' })
  find(symbol: string): Promise<string> {
    return symbol === 'DOWN' ? Promise.reject(new Error('down')) : Promise.resolve(symbol);
  }

  @Cacheable('nested', { scope: 'global' })
  async nested(symbol: string): Promise<string> {
    return `${await this.find(symbol)} nested`;
  }

  @Cacheable('slow', { scope: 'global' })
  async slow(symbol: string): Promise<string> {
    await this.gate.pass();
    return symbol;
  }

  @Cacheable('brief', { scope: 'global', ttl: '1ms', grace: '1h' })
  brief(symbol: string): Promise<string> {
    return Promise.resolve(symbol);
  }

  @Cacheable('never', { scope: 'global', condition: () => false })
  never(symbol: string): Promise<string> {
    return Promise.resolve(symbol);
  }

  @CachePut('quote', { scope: 'global' })
  put(symbol: string): Promise<string> {
    return Promise.resolve(symbol);
  }
}

interface RawResponse {
  readonly raw?: { end(body: string): void };
  end?(body: string): void;
  hijack?(): void;
}

@Controller()
@UseInterceptors(CacheStatusInterceptor)
class QuotesController {
  constructor(
    private readonly quotes: Quotes,
    private readonly caches: CacheService,
  ) {}

  @Get('none')
  none(): string {
    return 'none';
  }

  @Get('find/:symbol')
  find(@Param('symbol') symbol: string): Promise<string> {
    return this.quotes.find(symbol);
  }

  @Get('nested/:symbol')
  nested(@Param('symbol') symbol: string): Promise<string> {
    return this.quotes.nested(symbol);
  }

  @Get('both/:a/:b')
  async both(@Param('a') a: string, @Param('b') b: string): Promise<string[]> {
    return Promise.all([this.quotes.find(a), this.quotes.find(b)]);
  }

  @Get('mixed/:symbol')
  async mixed(@Param('symbol') symbol: string): Promise<string[]> {
    return Promise.all([this.quotes.never(symbol), this.quotes.find(symbol)]);
  }

  @Get('slow/:symbol')
  slow(@Param('symbol') symbol: string): Promise<string> {
    return this.quotes.slow(symbol);
  }

  @Get('brief/:symbol')
  brief(@Param('symbol') symbol: string): Promise<string> {
    return this.quotes.brief(symbol);
  }

  @Get('never/:symbol')
  never(@Param('symbol') symbol: string): Promise<string> {
    return this.quotes.never(symbol);
  }

  @Get('put/:symbol')
  put(@Param('symbol') symbol: string): Promise<string> {
    return this.quotes.put(symbol);
  }

  @Get('look/:key')
  async look(@Param('key') key: string): Promise<string> {
    return String(await runWithTenant('acme', () => this.caches.get(key)));
  }

  @Get('missing/:symbol')
  async missing(@Param('symbol') symbol: string): Promise<never> {
    await this.quotes.find(symbol);
    throw new NotFoundException();
  }

  @Get('observable/:symbol')
  @Cacheable('observable', { scope: 'global' })
  observable(@Param('symbol') symbol: string): Observable<string> {
    return of('first', symbol);
  }

  @Get('behind/:symbol')
  @Header('Cache-Status', 'origin; hit')
  behind(@Param('symbol') symbol: string): Promise<string> {
    return this.quotes.find(symbol);
  }

  @Get('sent/:symbol')
  async sent(@Param('symbol') symbol: string, @Res() response: RawResponse): Promise<void> {
    await this.quotes.find(symbol);
    response.hijack?.();
    (response.raw ?? response).end?.('sent');
  }
}

@Controller('named')
@UseInterceptors(cacheStatusInterceptor('the CRM'))
class NamedController {
  constructor(private readonly quotes: Quotes) {}

  @Get(':symbol')
  find(@Param('symbol') symbol: string): Promise<string> {
    return this.quotes.find(symbol);
  }
}

@Controller('plain')
class PlainController {
  constructor(private readonly quotes: Quotes) {}

  @Get(':symbol')
  find(@Param('symbol') symbol: string): Promise<string> {
    return this.quotes.find(symbol);
  }
}

/** Both headers of the answer; the second is read strictly. */
async function told(app: CacheApp, path: string): Promise<[string | null, string | null]> {
  const answer = await fetch(`${await app.nest.getUrl()}/${path}`);
  await answer.text();
  const long = answer.headers.get('cache-status');
  if (long !== null) parseList(long);
  return [answer.headers.get('x-cache-status'), long];
}

const HTTP = ['express', 'fastify'] as const;

describe.each(HTTP.flatMap((http) => TIERS.map((tier) => [http, tier] as const)))(
  'CacheStatusInterceptor (%s, %s)',
  (http, tier) => {
    const apps = new CacheApps();

    async function boot(cache: BootOptions['cache'] = {}): Promise<CacheApp> {
      const app = await apps.boot({
        http,
        tier,
        cache,
        logger: { log: noop, error: noop, warn: noop },
        controllers: [QuotesController, NamedController, PlainController],
        providers: [Quotes],
      });
      await app.nest.listen(0, '127.0.0.1');
      return app;
    }

    const MISS = ['MISS', 'redis-cache; fwd=miss; detail=absent'];
    const HIT = ['HIT', 'redis-cache; hit; detail=near'];

    it('tells a miss and then a hit', async () => {
      const app = await boot();
      expect(await told(app, 'find/A')).toEqual(MISS);
      expect(await told(app, 'find/A')).toEqual(HIT);
    });

    it('tells nothing where the cache was not asked, and nothing without it', async () => {
      const app = await boot();
      expect(await told(app, 'none')).toEqual([null, null]);
      expect(await told(app, 'put/A')).toEqual([null, null]);
      expect(await told(app, 'plain/A')).toEqual([null, null]);
    });

    it('counts what a load asks for as part of that load', async () => {
      const app = await boot();
      await told(app, 'find/A');
      expect(await told(app, 'nested/A')).toEqual(MISS);
      expect(await told(app, 'nested/A')).toEqual(HIT);
    });

    it('tells of several calls the one that had the least of the cache', async () => {
      const app = await boot();
      await told(app, 'find/A');
      expect(await told(app, 'both/A/A')).toEqual(HIT);
      expect(await told(app, 'both/A/B')).toEqual(MISS);
      const bypass = ['BYPASS', 'redis-cache; fwd=bypass; detail=condition'];
      expect(await told(app, 'mixed/A')).toEqual(bypass);
      expect(await told(app, 'mixed/C')).toEqual(MISS);
      expect(await told(app, 'never/A')).toEqual(bypass);
    });

    it('tells an answer past its ttl, and for how long it has been', async () => {
      const app = await boot();
      await told(app, 'brief/A');
      let second = await told(app, 'brief/A');
      while (second[0] === 'HIT') second = await told(app, 'brief/A');
      expect(second).toEqual(['STALE', 'redis-cache; hit; ttl=-1']);
    });

    it('tells who joined from who loaded, and never mixes up requests', async () => {
      const app = await boot();
      const first = told(app, 'slow/A');
      await app.get<Quotes>(Quotes).gate.reached;
      const second = told(app, 'slow/A');
      await until(() => app.counters('slow').joined === 1);
      await told(app, 'find/A');
      const third = told(app, 'find/A');
      expect(await third).toEqual(HIT);
      app.get<Quotes>(Quotes).gate.open();
      expect(await first).toEqual(MISS);
      expect(await second).toEqual(['MISS', 'redis-cache; fwd=miss; collapsed; detail=absent']);
    });

    it('tells look-ups of the service, Observables, and requests that fail', async () => {
      const app = await boot();
      expect(await told(app, 'look/k')).toEqual(MISS);
      await app.caches.forTenant('acme').set('k', 1);
      expect(await told(app, 'look/k')).toEqual(HIT);
      expect(await told(app, 'observable/A')).toEqual(MISS);
      expect(await told(app, 'observable/A')).toEqual(HIT);
      expect(await told(app, 'missing/A')).toEqual(MISS);
      expect(await told(app, 'missing/A')).toEqual(HIT);
      expect(await told(app, 'find/DOWN')).toEqual(['MISS', 'redis-cache; fwd=miss']);
    });

    it('stands behind what the application has said, and leaves alone what was sent', async () => {
      const app = await boot();
      await told(app, 'find/A');
      expect(await told(app, 'behind/A')).toEqual([
        'HIT',
        'origin; hit, redis-cache; hit; detail=near',
      ]);
      expect(await told(app, 'sent/A')).toEqual([null, null]);
    });

    it('names the cache as it is told to', async () => {
      const app = await boot();
      await told(app, 'find/A');
      expect(await told(app, 'named/A')).toEqual(['HIT', '"the CRM"; hit; detail=near']);
    });

    if (tier === 'redis') {
      it('tells a hit in Redis, and what an eviction has outdated', async () => {
        const prefix = ownPrefix();
        const [a, b] = [await boot({ prefix }), await boot({ prefix })];
        await told(a, 'find/A');
        expect(await told(b, 'find/A')).toEqual(['HIT', 'redis-cache; hit; detail=far']);
        await b.caches.cache('quote').flush();
        expect(await told(b, 'find/A')).toEqual([
          'MISS',
          'redis-cache; fwd=stale; detail=outdated',
        ]);
      });
    }
  },
);

function noop(): void {
  return undefined;
}
