import { Inject, Injectable } from '@nestjs/common';
import { inspect } from 'node:util';
import { Cacheable, CacheEvict, CachePut } from 'nestjs-redis-cache';
import { lastValueFrom, Observable, of } from 'rxjs';
import { CacheApps, ownPrefix } from '../support/cache-apps.js';

@Injectable()
class LeadService {
  loads = 0;

  @Cacheable('lead.byId')
  async byId(id: string): Promise<string> {
    this.loads += 1;
    return `lead ${id}`;
  }

  @CachePut('lead.byId', { key: (id: string) => id })
  async rename(_id: string, name: string): Promise<string> {
    return name;
  }

  @CacheEvict('lead.byId')
  async remove(id: string): Promise<string> {
    return `removed ${id}`;
  }

  @Cacheable('lead.rx')
  rx(id: string): Observable<string> {
    return of(`rx ${id}`);
  }

  @Cacheable('lead.bare')
  async bare(id: string): Promise<[string, unknown]> {
    return [id, this];
  }

  async viaThis(id: string): Promise<string> {
    return this.byId(id);
  }
}

describe('a decorated method', () => {
  const apps = new CacheApps();

  async function boot() {
    const app = await apps.boot({
      providers: [LeadService],
      cache: { defaults: { scope: 'global' } },
    });
    return { app, leads: app.get(LeadService) };
  }

  it('is cached where its own class calls it', async () => {
    const { leads } = await boot();
    expect([await leads.viaThis('1'), await leads.viaThis('1'), await leads.byId('1')]).toEqual(
      Array(3).fill('lead 1'),
    );
    expect(leads.loads).toBe(1);
  });

  it('is cached where it is bound or called with its instance', async () => {
    const { leads } = await boot();
    const bound = leads.byId.bind(leads);
    expect([await bound('1'), await leads.byId.call(leads, '1')]).toEqual(['lead 1', 'lead 1']);
    expect(leads.loads).toBe(1);
  });

  it.each([undefined, null, 'text', {}])('is the plain method where this is %p', async (self) => {
    const { app, leads } = await boot();
    const { bare } = leads;
    expect(await bare.call(self as LeadService, '1')).toEqual(['1', self]);
    expect(app.counters('lead.bare')).toEqual({});
  });

  it('is the plain method of an instance that Nest has not made', async () => {
    const leads = new LeadService();
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual(['lead 1', 'lead 1']);
    expect(await leads.rename('1', 'Ada')).toBe('Ada');
    expect(await leads.remove('1')).toBe('removed 1');
    expect(await lastValueFrom(leads.rx('1'))).toBe('rx 1');
    expect(leads.loads).toBe(2);
  });

  it('is the plain method within the constructor', async () => {
    class Eager {
      readonly inConstructor: Promise<string>;
      loads = 0;

      constructor() {
        this.inConstructor = this.byId('1');
      }

      @Cacheable('eager.byId', { scope: 'global' })
      async byId(id: string): Promise<string> {
        this.loads += 1;
        return id;
      }
    }
    const eager = (await apps.boot({ providers: [Eager] })).get(Eager);
    expect([await eager.inConstructor, await eager.byId('1'), await eager.byId('1')]).toEqual([
      '1',
      '1',
      '1',
    ]);
    expect(eager.loads).toBe(2);
  });

  it('can be spied on, on the instance and on the prototype', async () => {
    const { leads } = await boot();
    const onInstance = jest.spyOn(leads, 'byId');
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual(['lead 1', 'lead 1']);
    expect(onInstance.mock.calls).toEqual([['1'], ['1']]);
    expect(leads.loads).toBe(1);
    onInstance.mockResolvedValueOnce('mocked');
    expect(await leads.viaThis('1')).toBe('mocked');
    onInstance.mockRestore();

    const onPrototype = jest.spyOn(LeadService.prototype, 'byId');
    expect(await leads.viaThis('2')).toBe('lead 2');
    expect(onPrototype.mock.calls).toEqual([['2']]);
    onPrototype.mockRestore();
    expect([await leads.byId('2'), leads.loads]).toEqual(['lead 2', 2]);
  });

  it('shows nothing of the cache to what logs, compares or copies the instance', async () => {
    const { leads } = await boot();
    expect(Reflect.ownKeys(Object.assign({}, leads))).toEqual(['loads']);
    expect(inspect(leads)).toBe('LeadService { loads: 0 }');
    expect(leads).toEqual(new LeadService());
    expect(structuredClone(leads)).toEqual({ loads: 0 });
  });
});

describe('two applications with the same class', () => {
  const apps = new CacheApps();

  it('do not meet in one process', async () => {
    const boot = () =>
      apps.boot({ providers: [LeadService], cache: { defaults: { scope: 'global' } } });
    const [a, b] = [await boot(), await boot()];
    const [inA, inB] = [a.get(LeadService), b.get(LeadService)];
    await inA.rename('1', 'of A');
    expect([await inA.byId('1'), await inB.byId('1')]).toEqual(['of A', 'lead 1']);
    await inB.remove('1');
    expect(await inA.byId('1')).toBe('of A');
    expect([a, b].map((app) => app.counters('lead.byId').evictions)).toEqual([0, 1]);
  });

  it('meet where they share prefix and Redis, whatever their classes are called', async () => {
    class Other {
      @Cacheable('lead.byId')
      async find(id: string): Promise<string> {
        return `other ${id}`;
      }
    }
    const cache = { prefix: ownPrefix(), defaults: { scope: 'global' } } as const;
    const a = await apps.boot({ tier: 'redis', providers: [LeadService], cache });
    const b = await apps.boot({ tier: 'redis', providers: [Other], cache });
    await a.get(LeadService).rename('1', 'Ada');
    expect(await b.get(Other).find('1')).toBe('Ada');
    expect(b.counters('lead.byId')).toMatchObject({ farHits: 1, loads: 0 });
  });

  it('go on when one of them closes', async () => {
    const boot = () =>
      apps.boot({ providers: [LeadService], cache: { defaults: { scope: 'global' } } });
    const [a, b] = [await boot(), await boot()];
    const [inA, inB] = [a.get(LeadService), b.get(LeadService)];
    await Promise.all([inA.byId('1'), inB.byId('1')]);
    await a.nest.close();
    expect([await inA.byId('1'), await inB.byId('1')]).toEqual(['lead 1', 'lead 1']);
    expect([inA.loads, inB.loads]).toEqual([2, 1]);
  });

  it('may hold one instance that one of them has made', async () => {
    const a = await apps.boot({
      providers: [LeadService],
      cache: { defaults: { scope: 'global' } },
    });
    class User {
      constructor(@Inject('LEADS') readonly leads: LeadService) {}
    }
    const providers = [User, { provide: 'LEADS', useValue: a.get(LeadService) }];
    const b = await apps.boot({ providers, cache: { defaults: { scope: 'global' } } });
    await b.get(User).leads.byId('1');
    expect([a, b].map((app) => app.counters('lead.byId').loads)).toEqual([1, undefined]);
  });
});
