import { Controller } from '@nestjs/common';
import { Cacheable, CacheEvict } from 'nestjs-redis-cache';
import { CacheApps } from '../support/cache-apps.js';

/** What the compiler refuses already, as plain JavaScript would write it. */
const untyped = (decorator: unknown) => decorator as PropertyDecorator;

describe('a caching decorator stops the boot', () => {
  const apps = new CacheApps();

  it.each([
    ['is empty', '', `''`],
    ['is too long', 'x'.repeat(101), `'${'x'.repeat(60)}'... 41 more chara…`],
  ])('where the name of the cache %s', async (_, name, shown) => {
    class LeadService {
      @untyped(CacheEvict(name))
      async remove(_id: string): Promise<void> {
        return undefined;
      }
    }
    await expect(apps.boot({ providers: [LeadService] })).rejects.toThrow(
      `Option cache name is ${shown}; expected a string of 1 to 100 characters. ` +
        `Name the kind of data, for instance 'lead.byPhone'.`,
    );
  });

  it('where a factory provides the instance, too', async () => {
    class LeadService {
      @Cacheable('lead', { ttl: -1 })
      async byId(id: string): Promise<string> {
        return id;
      }
    }
    const booting = apps.boot({
      providers: [{ provide: 'LEADS', useFactory: () => new LeadService() }],
    });
    await expect(booting).rejects.toThrow(
      'Option @Cacheable on LeadService.byId.ttl is -1; expected ',
    );
  });

  it('where a controller has it', async () => {
    @Controller()
    class Wrong {
      @Cacheable('lead', { version: 1.5 })
      async byId(id: string): Promise<string> {
        return id;
      }
    }
    await expect(apps.boot({ controllers: [Wrong] })).rejects.toThrow(
      'Option @Cacheable on Wrong.byId.version is 1.5; expected a whole number from 0 up.',
    );
  });
});

describe('a caching decorator without metadata of the compiler', () => {
  const apps = new CacheApps();

  it('takes the method for one that returns a Promise', async () => {
    class LeadService {
      async byId(id: string): Promise<string> {
        return id;
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(LeadService.prototype, 'byId');
    Cacheable('lead', { scope: 'global' })(
      LeadService.prototype,
      'byId',
      descriptor as TypedPropertyDescriptor<LeadService['byId']>,
    );
    Object.defineProperty(LeadService.prototype, 'byId', descriptor as PropertyDescriptor);
    const app = await apps.boot({ providers: [LeadService] });
    const leads = app.get(LeadService);
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual(['1', '1']);
    expect(app.counters('lead')).toMatchObject({ loads: 1, nearHits: 1 });
  });
});
