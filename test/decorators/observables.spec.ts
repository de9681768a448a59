import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut } from 'nestjs-redis-cache';
import {
  concat,
  defer,
  EMPTY,
  lastValueFrom,
  Observable,
  of,
  Subject,
  throwError,
  toArray,
} from 'rxjs';
import { CacheApps, TIERS } from '../support/cache-apps.js';
import { until } from '../support/until.js';

@Injectable()
class LeadService {
  runs = 0;
  subscriptions = 0;
  source: Observable<unknown> = of('first', 'last');

  @Cacheable('rx.all')
  all(): Observable<unknown> {
    this.runs += 1;
    return defer(() => {
      this.subscriptions += 1;
      return this.source;
    });
  }

  @Cacheable('rx.shared', { near: { share: true } })
  shared(): Observable<unknown> {
    this.runs += 1;
    return this.source;
  }

  @Cacheable('rx.thrown')
  thrown(): Observable<unknown> {
    throw new Error('before there was an Observable');
  }

  @CachePut('rx.all', { key: () => [] })
  put(): Observable<unknown> {
    return this.source;
  }

  @CachePut('rx.all', { resultKey: () => [] })
  putByResult(): Observable<unknown> {
    return this.source;
  }

  @CacheEvict('rx.all')
  evict(): Observable<unknown> {
    return this.source;
  }

  @CacheEvict('rx.all', { resultKey: () => [], unless: (result: unknown) => result === 'kept' })
  evictByResult(): Observable<unknown> {
    return this.source;
  }

  @CacheEvict('rx.all', { unless: (result: unknown) => result === 'kept' })
  evictUnlessKept(): Observable<unknown> {
    return this.source;
  }

  @CacheEvict('rx.all', { beforeInvocation: true })
  evictAround(): Observable<unknown> {
    return this.source;
  }
}

const values = (observable: Observable<unknown>) => lastValueFrom(observable.pipe(toArray()));

describe.each(TIERS)('methods that return an Observable, in %s', (tier) => {
  const apps = new CacheApps();

  async function boot() {
    const app = await apps.boot({
      tier,
      providers: [LeadService],
      cache: { defaults: { scope: 'global' } },
    });
    return {
      app,
      leads: app.get(LeadService),
      isCached: () => app.caches.cache('rx.all').exists([]),
    };
  }

  it('answer an Observable of the last value, on a miss and on a hit', async () => {
    const { leads } = await boot();
    const [miss, hit] = [leads.all(), leads.all()];
    expect([miss, hit]).toEqual([expect.any(Observable), expect.any(Observable)]);
    expect([await values(miss), await values(hit)]).toEqual([['last'], ['last']]);
    expect(leads.runs).toBe(1);
  });

  it('do nothing until they are subscribed to', async () => {
    const { app, leads } = await boot();
    const all = leads.all();
    await Promise.resolve();
    expect([leads.runs, app.counters('rx.all').misses ?? 0]).toEqual([0, 0]);
    expect(await values(all)).toEqual(['last']);
  });

  it('ask the cache at every subscription', async () => {
    const { app, leads } = await boot();
    const all = leads.all();
    await values(all);
    await values(all);
    await app.caches.cache('rx.all').del([]);
    await values(all);
    expect([leads.runs, leads.subscriptions]).toEqual([2, 2]);
  });

  it('load once for subscribers at the same time', async () => {
    const { leads } = await boot();
    const source = new Subject<unknown>();
    leads.source = source;
    const all = leads.all();
    const subscribers = [values(all), values(all), values(leads.all())];
    await until(() => leads.subscriptions === 1);
    source.next({ id: 1 });
    source.complete();
    expect(await Promise.all(subscribers)).toEqual([[{ id: 1 }], [{ id: 1 }], [{ id: 1 }]]);
    expect([leads.runs, leads.subscriptions]).toEqual([1, 1]);
  });

  it.each([undefined, null, 0, ''])('cache a last value of %p', async (value) => {
    const { leads } = await boot();
    leads.source = of('first', value);
    expect([await values(leads.all()), await values(leads.all())]).toEqual([[value], [value]]);
    expect(leads.runs).toBe(1);
  });

  it.each(['all', 'shared'] as const)(
    'complete without a value where the method does (%s); that is not stored and no fault',
    async (method) => {
      const { app, leads } = await boot();
      leads.source = EMPTY;
      expect([await values(leads[method]()), await values(leads[method]())]).toEqual([[], []]);
      expect(leads.runs).toBe(2);
      expect(app.counters(`rx.${method}`)).toMatchObject({ fills: 0, uncacheable: 0 });
    },
  );

  it('load once for subscribers at the same time where there is no value, too', async () => {
    const { leads } = await boot();
    const source = new Subject<unknown>();
    leads.source = source;
    const subscribers = [values(leads.all()), values(leads.all())];
    await until(() => leads.subscriptions === 1);
    source.complete();
    expect(await Promise.all(subscribers)).toEqual([[], []]);
    expect(leads.runs).toBe(1);
  });

  it('pass their errors on unchanged, and load again', async () => {
    const { leads } = await boot();
    const error = Object.freeze(new Error('away'));
    leads.source = concat(
      of('first'),
      throwError(() => error),
    );
    const heard = await values(leads.all()).catch((reason: unknown) => reason);
    expect(heard).toBe(error);
    leads.source = of('fine');
    expect(await values(leads.all())).toEqual(['fine']);
  });

  it('hand what the method throws to the subscriber', async () => {
    const { leads } = await boot();
    await expect(values(leads.thrown())).rejects.toThrow(
      new Error('before there was an Observable'),
    );
  });

  it('stay silent for one who has unsubscribed; the load goes on for the others', async () => {
    const { leads } = await boot();
    const source = new Subject<unknown>();
    leads.source = source;
    const heard: unknown[] = [];
    const gone = leads
      .all()
      .subscribe({ next: (v) => heard.push(v), complete: () => heard.push('done') });
    await until(() => leads.subscriptions === 1);
    const other = values(leads.all());
    gone.unsubscribe();
    source.next('value');
    source.complete();
    expect(await other).toEqual(['value']);
    expect(heard).toEqual([]);
    expect(leads.runs).toBe(1);
  });

  it('are put, by a key of the arguments or of the result', async () => {
    const { leads } = await boot();
    for (const method of ['put', 'putByResult'] as const) {
      leads.source = of('first', method);
      expect(await values(leads[method]())).toEqual([method]);
      expect(await values(leads.all())).toEqual([method]);
    }
    expect(leads.runs).toBe(0);
  });

  it('remove the earlier entry where a put by the arguments completes without a value', async () => {
    const { leads, isCached } = await boot();
    await values(leads.all());
    leads.source = EMPTY;
    expect(await values(leads.putByResult())).toEqual([]);
    expect(await isCached()).toBe(true);
    expect(await values(leads.put())).toEqual([]);
    expect(await isCached()).toBe(false);
  });

  it.each(['evict', 'evictByResult', 'evictUnlessKept', 'evictAround'] as const)(
    'evict when they complete, as in %s',
    async (method) => {
      const { leads, isCached } = await boot();
      await values(leads.all());
      leads.source = of('kept', 'gone');
      const evicting = leads[method]();
      expect(await isCached()).toBe(true);
      expect(await values(evicting)).toEqual(['gone']);
      expect(await isCached()).toBe(false);
    },
  );

  it.each(['evict', 'evictUnlessKept', 'evictAround'] as const)(
    'evict where they complete without a value, as in %s',
    async (method) => {
      const { leads, isCached } = await boot();
      await values(leads.all());
      leads.source = EMPTY;
      expect(await values(leads[method]())).toEqual([]);
      expect(await isCached()).toBe(false);
    },
  );

  it('evict nothing where the key is of a result that is not there', async () => {
    const { leads, isCached } = await boot();
    await values(leads.all());
    leads.source = EMPTY;
    expect(await values(leads.evictByResult())).toEqual([]);
    expect(await isCached()).toBe(true);
  });

  it('do not evict where they fail', async () => {
    const { leads, isCached } = await boot();
    await values(leads.all());
    leads.source = throwError(() => new Error('away'));
    await expect(values(leads.evict())).rejects.toThrow(new Error('away'));
    expect(await isCached()).toBe(true);
  });
});
