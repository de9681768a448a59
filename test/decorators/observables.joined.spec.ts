import { Cacheable } from 'nestjs-redis-cache';
import { lastValueFrom, Observable, Subject, toArray } from 'rxjs';
import { CacheApps, TIERS, type CacheApp } from '../support/cache-apps.js';
import { until } from '../support/until.js';

class LeadService {
  readonly source = new Subject<string>();
  subscribed = false;

  @Cacheable('lead.latest')
  stream(_id: string): Observable<string> {
    this.subscribed = true;
    return this.source;
  }

  @Cacheable('lead.latest')
  async latest(id: string): Promise<string> {
    return `lead ${id}`;
  }

  @Cacheable('lead.graced', { ttl: 1, grace: '1h', softTimeout: '10s' })
  graced(_id: string): Observable<string> {
    this.subscribed = true;
    return this.source;
  }

  @Cacheable('lead.graced', { ttl: 1, grace: '1h', softTimeout: '10s' })
  async latestGraced(id: string): Promise<string> {
    return `lead ${id}`;
  }
}

type Name = 'lead.latest' | 'lead.graced';

/** Calls that join the load of the Observable, and understand nothing but a value. */
const JOINING: [string, Name, (app: CacheApp) => Promise<unknown>][] = [
  ['a method that returns a Promise', 'lead.latest', (app) => app.get(LeadService).latest('1')],
  ['wrap', 'lead.latest', ({ caches }) => caches.cache('lead.latest').wrap('1', () => 'lead 1')],
  [
    'a method that waits for a refresh',
    'lead.graced',
    (app) => app.get(LeadService).latestGraced('1'),
  ],
];

describe.each(TIERS)('who joins an Observable that completes without a value, in %s', (tier) => {
  const apps = new CacheApps();

  it.each(JOINING)('%s: loads for itself', async (_who, name, join) => {
    const app = await apps.boot({
      tier,
      providers: [LeadService],
      cache: { defaults: { scope: 'global' } },
    });
    const leads = app.get(LeadService);
    const graced = name === 'lead.graced';
    if (graced) {
      await leads.latestGraced('1');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const stream = graced ? leads.graced('1') : leads.stream('1');
    const streaming = lastValueFrom(stream.pipe(toArray()));
    await until(() => leads.subscribed);
    const joined = join(app);
    leads.source.complete();
    expect([await streaming, await joined]).toEqual([[], 'lead 1']);
    if (!graced) expect(app.counters(name)).toMatchObject({ joined: 1, bypassed: 1 });
  });
});
