import { Injectable, mixin, Module, type Type } from '@nestjs/common';
import { Cacheable, CacheEvict, InvalidDecoratorError } from 'nestjs-redis-cache';
import { CacheApps, type BootOptions } from '../support/cache-apps.js';

describe('@Cacheable without the name of a cache', () => {
  const apps = new CacheApps();

  const boot = (options: BootOptions) =>
    apps.boot({ ...options, cache: { defaults: { scope: 'global' } } });

  abstract class Repository {
    loads = 0;
    abstract readonly table: string;

    @Cacheable()
    async byId(id: string): Promise<string> {
      this.loads += 1;
      return `${this.table} ${id}`;
    }
  }

  class LeadRepository extends Repository {
    readonly table = 'lead';
  }

  class CallRepository extends Repository {
    readonly table = 'call';
  }

  it('is named after class and method', async () => {
    const app = await boot({ providers: [LeadRepository] });
    await app.get(LeadRepository).byId('1');
    expect(await app.caches.cache('LeadRepository.byId').get('1')).toBe('lead 1');
  });

  it('takes options alone', async () => {
    class LeadService {
      @Cacheable({ key: (id: string) => ['id', id] })
      async byId(id: string): Promise<string> {
        return id;
      }
    }
    const app = await boot({ providers: [LeadService] });
    await app.get(LeadService).byId('1');
    expect(await app.caches.cache('LeadService.byId').get(['id', '1'])).toBe('1');
  });

  it('keeps the subclasses of one base apart', async () => {
    const app = await boot({ providers: [LeadRepository, CallRepository] });
    const [leads, calls] = [app.get(LeadRepository), app.get(CallRepository)];
    expect([await leads.byId('1'), await calls.byId('1')]).toEqual(['lead 1', 'call 1']);
    expect([await leads.byId('1'), await calls.byId('1')]).toEqual(['lead 1', 'call 1']);
    expect([leads.loads, calls.loads]).toEqual([1, 1]);
  });

  it('lets an override call the method of its base, and does not mix them up', async () => {
    class LoudRepository extends LeadRepository {
      @Cacheable()
      override async byId(id: string): Promise<string> {
        return (await super.byId(id)).toUpperCase();
      }

      async quietly(id: string): Promise<string> {
        return super.byId(id);
      }
    }
    class LouderRepository extends LoudRepository {
      @Cacheable()
      override async byId(id: string): Promise<string> {
        return `${await super.byId(id)}!`;
      }
    }
    const app = await boot({ providers: [LoudRepository, LouderRepository] });
    const [loud, louder] = [app.get(LoudRepository), app.get(LouderRepository)];
    for (let round = 0; round < 2; round += 1) {
      expect(await loud.quietly('1')).toBe('lead 1');
      expect(await loud.byId('1')).toBe('LEAD 1');
      expect(await louder.byId('1')).toBe('LEAD 1!');
      expect(await louder.quietly('1')).toBe('lead 1');
    }
    expect([loud.loads, louder.loads]).toEqual([1, 1]);
  });

  it('gives an override without the decorator what it asks of its base', async () => {
    class QuietRepository extends LeadRepository {
      override async byId(id: string): Promise<string> {
        return (await super.byId(id)).toUpperCase();
      }
    }
    const repository = (await boot({ providers: [QuietRepository] })).get(QuietRepository);
    expect([await repository.byId('1'), await repository.byId('1')]).toEqual(['LEAD 1', 'LEAD 1']);
    expect(repository.loads).toBe(1);
  });

  it('works on an override of a method that is not decorated', async () => {
    class Plain {
      loads = 0;
      async byId(id: string): Promise<string> {
        this.loads += 1;
        return id;
      }
    }
    class Cached extends Plain {
      @Cacheable()
      override async byId(id: string): Promise<string> {
        return super.byId(id);
      }
    }
    const app = await boot({ providers: [Plain, Cached] });
    for (const type of [Plain, Cached]) {
      await app.get(type).byId('1');
      await app.get(type).byId('1');
    }
    expect([app.get(Plain).loads, app.get(Cached).loads]).toEqual([2, 1]);
  });

  it('stops the boot where two classes would share it, and says what to do', async () => {
    const booting = boot({ providers: [classNamedLeadService('a'), classNamedLeadService('b')] });
    await expect(booting).rejects.toThrow(
      new InvalidDecoratorError(
        '@Cacheable on LeadService.byId',
        'shares the name LeadService.byId with another class',
        `Name the cache: @Cacheable('lead.byPhone').`,
      ),
    );
  });

  it('stops the boot where a mixin that is applied twice would share it', async () => {
    class Leaf extends loud(loud(LeadRepository)) {
      override async byId(id: string): Promise<string> {
        return `leaf ${await super.byId(id)}`;
      }
    }
    await expect(boot({ providers: [Leaf] })).rejects.toThrow(
      new InvalidDecoratorError(
        '@Cacheable on Loud.byId',
        'shares the name Leaf:Loud.byId with another class',
        `Name the cache: @Cacheable('lead.byPhone').`,
      ),
    );
  });

  it('is not needed in a mixin that is applied twice where each has a cache of its own', async () => {
    class Leaf extends loud(loud(LeadRepository, 'lead.loud'), 'lead.louder') {
      override async byId(id: string): Promise<string> {
        return `leaf ${await super.byId(id)}`;
      }
    }
    const app = await boot({ providers: [Leaf] });
    expect(await app.get(Leaf).byId('1')).toBe('leaf lead 1!!');
    expect(await app.caches.cache('lead.loud').get('1')).toBe('lead 1!');
    expect(await app.caches.cache('lead.louder').get('1')).toBe('lead 1!!');
  });

  it('is not needed in a mixin that is applied twice where it evicts nothing but tags', async () => {
    class Leaf extends changed(changed(LeadRepository)) {
      override async byId(id: string): Promise<string> {
        return `leaf ${await super.byId(id)}`;
      }
    }
    const app = await boot({ providers: [Leaf] });
    const cache = app.caches.cache('lead');
    await cache.set('1', 'old', { tags: ['lead'] });
    expect(await app.get(Leaf).byId('1')).toBe('leaf lead 1');
    expect(await cache.get('1')).toBeUndefined();
  });

  it('is the same for a class that two modules provide', async () => {
    const LeadService = classNamedLeadService('a');
    @Module({ providers: [LeadService] })
    class FirstModule {}
    @Module({ providers: [LeadService] })
    class SecondModule {}
    const app = await boot({ imports: [FirstModule, SecondModule] });
    const [first, second] = [FirstModule, SecondModule].map((module) =>
      app.nest.select(module).get(LeadService, { strict: true }),
    ) as [ById, ById];
    expect(first).not.toBe(second);
    expect([await first.byId('1'), await second.byId('1')]).toEqual(['a', 'a']);
    expect(app.counters('LeadService.byId')).toMatchObject({ loads: 1, nearHits: 1 });
  });

  it('stops the boot in a class without a name', async () => {
    const booting = boot({ providers: [namelessClass()] });
    await expect(booting).rejects.toThrow(
      '@Cacheable on (unnamed class).byId stands in a class without a name. ' +
        `Name the cache: @Cacheable('lead.byPhone').`,
    );
  });

  it('is not needed in a class without a name where the cache has one', async () => {
    const Nameless = namelessClass('lead.byId');
    const app = await boot({ providers: [Nameless] });
    expect(await app.get(Nameless).byId('1')).toBe('1');
    expect(await app.caches.cache('lead.byId').get('1')).toBe('1');
  });

  it('is not needed in a class without a name for a method that it overrides', async () => {
    class Nameless extends LeadRepository {
      override async byId(id: string): Promise<string> {
        return `own ${id}`;
      }
    }
    Object.defineProperty(Nameless, 'name', { value: '' });
    const app = await boot({ providers: [Nameless] });
    expect(await app.get(Nameless).byId('1')).toBe('own 1');
  });

  it('tells the classes that a mixin makes apart', async () => {
    const [Leads, Calls] = [mixinOf('lead'), mixinOf('call')];
    const app = await boot({ providers: [Leads, Calls] });
    expect(await app.get(Leads).byId('1')).toBe('lead 1');
    expect(await app.get(Calls).byId('1')).toBe('call 1');
  });

  it('is refused on a method named by a symbol, for symbols may look alike', async () => {
    const find = Symbol('find');
    const define = () => {
      class LeadService {
        @Cacheable()
        async [find](id: string): Promise<string> {
          return id;
        }
      }
      return LeadService;
    };
    expect(define).toThrow(
      new InvalidDecoratorError(
        '@Cacheable on LeadService.Symbol(find)',
        'stands on a method that has no name but a symbol',
        `Name the cache: @Cacheable('lead.byPhone').`,
      ),
    );
  });

  it('is not needed on a method named by a symbol where the cache has one', async () => {
    const find = Symbol('find');
    class LeadService {
      @Cacheable('lead.byId')
      async [find](id: string): Promise<string> {
        return id;
      }
    }
    const app = await boot({ providers: [LeadService] });
    await app.get(LeadService)[find]('1');
    expect(await app.caches.cache('lead.byId').get('1')).toBe('1');
  });
});

interface ById {
  byId(id: string): Promise<string>;
}

function classNamedLeadService(answer: string): Type<ById> {
  class LeadService {
    @Cacheable()
    async byId(_id: string): Promise<string> {
      return answer;
    }
  }
  return LeadService;
}

function loud(Base: Type<ById>, cache?: string): Type<ById> {
  class Loud extends Base {
    @(cache === undefined ? Cacheable() : Cacheable(cache))
    override async byId(id: string): Promise<string> {
      return `${await super.byId(id)}!`;
    }
  }
  return Loud;
}

function changed(Base: Type<ById>): Type<ById> {
  class Changed extends Base {
    @CacheEvict({ tags: ['lead'], scope: 'global' })
    override async byId(id: string): Promise<string> {
      return super.byId(id);
    }
  }
  return Changed;
}

function namelessClass(cache?: string): Type<ById> {
  class Nameless {
    async byId(id: string): Promise<string> {
      return id;
    }
  }
  Object.defineProperty(Nameless, 'name', { value: '' });
  const descriptor = Object.getOwnPropertyDescriptor(Nameless.prototype, 'byId');
  const decorate = cache === undefined ? Cacheable() : Cacheable(cache);
  decorate(Nameless.prototype, 'byId', descriptor as TypedPropertyDescriptor<ById['byId']>);
  Object.defineProperty(Nameless.prototype, 'byId', descriptor as PropertyDescriptor);
  return Nameless;
}

function mixinOf(table: string): Type<ById> {
  @Injectable()
  class MixedIn {
    @Cacheable()
    async byId(id: string): Promise<string> {
      return `${table} ${id}`;
    }
  }
  return mixin(MixedIn);
}
