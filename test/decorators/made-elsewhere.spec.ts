import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Cacheable, CacheEvict } from 'nestjs-redis-cache';
import { CacheApps } from '../support/cache-apps.js';

const LEADS = Symbol('leads');

@Injectable()
class LeadService {
  loads = 0;

  @Cacheable('lead.byId', { scope: 'global' })
  async byId(_id: string): Promise<number> {
    return ++this.loads;
  }

  @CacheEvict('lead.byId')
  async remove(id: string): Promise<string> {
    return `removed ${id}`;
  }
}

describe('an instance that Nest has not made itself', () => {
  const apps = new CacheApps();

  it.each([
    ['a factory', { useFactory: () => new LeadService() }],
    ['an asynchronous factory', { useFactory: async () => Promise.resolve(new LeadService()) }],
    ['a value', { useValue: new LeadService() }],
  ])('calls the plain methods where %s gives it', async (_, given) => {
    const app = await apps.boot({ providers: [{ provide: LEADS, ...given }] });
    const leads = app.get<LeadService>(LEADS);
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual([1, 2]);
    expect(await leads.remove('1')).toBe('removed 1');
    expect(app.counters('lead.byId')).toEqual({});
  });

  it('is cached where its factory has Nest make it', async () => {
    const useFactory = (modules: ModuleRef) => modules.create(LeadService);
    const app = await apps.boot({
      providers: [{ provide: LEADS, inject: [ModuleRef], useFactory }],
    });
    const leads = app.get<LeadService>(LEADS);
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual([1, 1]);
    await leads.remove('1');
    expect(await leads.byId('1')).toBe(2);
  });

  it('is cached where it is a proxy of one that Nest has made', async () => {
    const app = await apps.boot({
      providers: [
        LeadService,
        {
          provide: LEADS,
          inject: [LeadService],
          useFactory: (leads: LeadService) => new Proxy(leads, {}),
        },
      ],
    });
    const leads = app.get<LeadService>(LEADS);
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual([1, 1]);
    expect(await app.get(LeadService).byId('1')).toBe(1);
  });

  it.each([
    ['null', null],
    ['a string', 'text'],
    ['a function', () => 'text'],
    ['a class', LeadService],
    ['an object without prototype', Object.create(null)],
    ['an object with a property named constructor', { constructor: 'text' }],
  ])('may be %s', async (_, useValue) => {
    const app = await apps.boot({ providers: [{ provide: LEADS, useValue }] });
    expect(app.nest.get<unknown>(LEADS)).toBe(useValue);
  });

  it('may replace a decorated class in a test', async () => {
    class User {
      constructor(@Inject(LeadService) readonly leads: Pick<LeadService, 'byId'>) {}
    }
    const mock = { byId: jest.fn().mockResolvedValue(42) };
    const app = await apps.boot({ providers: [User, { provide: LeadService, useValue: mock }] });
    const { leads } = app.get(User);
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual([42, 42]);
    expect(mock.byId).toHaveBeenCalledTimes(2);
  });
});
