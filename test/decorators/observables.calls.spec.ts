import {
  Cacheable,
  CacheEvict,
  currentTenant,
  runWithTenant,
  setTenant,
  tenantMiddleware,
} from 'nestjs-redis-cache';
import { defer, firstValueFrom, forkJoin, from, NEVER, Observable, of } from 'rxjs';
import { CacheApps } from '../support/cache-apps.js';

describe('an Observable and the tenant of its call', () => {
  const apps = new CacheApps();

  class LeadService {
    @Cacheable('rx.mine')
    mine(id: string): Observable<{ id: string; of: string | undefined }> {
      return defer(() => of({ id, of: currentTenant() }));
    }
  }

  it('stay together where it is subscribed to later and elsewhere', async () => {
    const app = await apps.boot({ providers: [LeadService] });
    const leads = app.get(LeadService);
    const mine = runWithTenant('acme', () => leads.mine('1'));
    expect(await firstValueFrom(mine)).toEqual({ id: '1', of: 'acme' });
    const asOther = await runWithTenant('globex', () => firstValueFrom(mine));
    expect(asOther).toEqual({ id: '1', of: 'acme' });
    expect(app.counters('rx.mine')).toMatchObject({ loads: 1, nearHits: 1 });
    expect(await app.caches.forTenant('globex').cache('rx.mine').exists('1')).toBe(false);
  });

  it('stay together where its scope is given another tenant afterwards', async () => {
    const leads = (await apps.boot({ providers: [LeadService] })).get(LeadService);
    const both = inScope(() =>
      ['acme', 'globex'].map((tenant) => {
        setTenant(tenant);
        return leads.mine('1');
      }),
    );
    expect(await firstValueFrom(forkJoin(both))).toEqual([
      { id: '1', of: 'acme' },
      { id: '1', of: 'globex' },
    ]);
  });

  it('stay together where its scope is given the tenant afterwards', async () => {
    const leads = (await apps.boot({ providers: [LeadService] })).get(LeadService);
    const mine = inScope(() => {
      const made = leads.mine('1');
      setTenant('acme');
      return made;
    });
    expect(await firstValueFrom(mine)).toEqual({ id: '1', of: 'acme' });
  });

  it('is an error of the Observable where there is none', async () => {
    const leads = (await apps.boot({ providers: [LeadService] })).get(LeadService);
    const mine = leads.mine('1');
    await expect(firstValueFrom(mine)).rejects.toThrow(
      '@Cacheable on LeadService.mine needs a tenant',
    );
    const later = runWithTenant('acme', () => firstValueFrom(mine));
    await expect(later).rejects.toThrow('@Cacheable on LeadService.mine needs a tenant');
  });
});

describe('a method whose declared type hides that it returns an Observable', () => {
  const apps = new CacheApps();

  class LeadService {
    @Cacheable('rx.hidden', { scope: 'global' })
    all(): Promise<unknown> {
      return from(['value']) as unknown as Promise<unknown>;
    }

    @CacheEvict('rx.hidden', { scope: 'global' })
    never(): Promise<unknown> {
      return NEVER as unknown as Promise<unknown>;
    }
  }

  it.each(['all', 'never'] as const)('rejects, and says how to declare it (%s)', async (method) => {
    const leads = (await apps.boot({ providers: [LeadService] })).get(LeadService);
    const decorator = method === 'all' ? '@Cacheable' : '@CacheEvict';
    await expect(leads[method]()).rejects.toThrow(
      `${decorator} on LeadService.${method} returns an Observable that its declared return type does not show. ` +
        'Declare the return type as Observable<…>, imported as a value and not by `import type`, ' +
        'and compile with emitDecoratorMetadata.',
    );
  });
});

/** As in a request, where the tenant becomes known behind the middleware. */
function inScope<T>(work: () => T): T {
  let result: T | undefined;
  tenantMiddleware()({}, {}, () => {
    result = work();
  });
  return result as T;
}
