import { TypeCheck } from '../support/type-check.js';

const HEADER = `
import {
  Cacheable, CacheDefaults, CacheEvict, CachePut, InjectCache, type Cache, type CacheService,
} from 'nestjs-redis-cache';
import { of, type Observable } from 'rxjs';

export interface Lead { id: string; name: string; score?: number }
export declare const ada: Lead;
export declare const leads: Cache<Lead>;
export declare const caches: CacheService;
export const used = [Cacheable, CacheDefaults, CacheEvict, CachePut, InjectCache, of] satisfies unknown[];
export type Used = Observable<unknown>;
`;

const method = (text: string) => `${HEADER}export class LeadService {\n${text}\n}\n`;
const statement = (text: string) => `${HEADER}${text}\n`;

const FITS_NOT = (option: string) =>
  `${option} does not take the arguments or result of this method`;

const ACCEPTED: Record<string, string> = {
  'no options': method(`
    @Cacheable('lead') async byId(id: string): Promise<string> { return id; }`),
  'neither cache nor options': method(`
    @Cacheable() async byId(id: string): Promise<string> { return id; }`),
  'options without cache': method(`
    @Cacheable({ ttl: '5m', key: (id: string) => id })
    async byId(id: string): Promise<string> { return id; }`),
  'functions that take all there is': method(`
    @Cacheable('lead', {
      key: (id: string, trace: number) => [id, trace],
      condition: (id: string, trace: number) => id !== '' && trace > 0,
      tenant: (id: string, trace: number) => id + String(trace),
      unless: (lead: Lead | null, id: string, trace: number) => lead?.id === id || trace === 0,
      ttl: (lead: Lead | null, id: string, trace: number) => (lead?.id === id ? '1m' : trace),
    })
    async byId(id: string, trace: number): Promise<Lead | null> { return { ...ada, id, score: trace }; }`),
  'functions with fewer parameters, or none': method(`
    @Cacheable('lead', {
      key: (id: string) => id,
      condition: () => true,
      tenant: () => 'acme',
      unless: (lead: Lead) => lead.score === undefined,
      ttl: () => 60_000,
    })
    async byId(id: string, trace: number): Promise<Lead> { return { ...ada, id, score: trace }; }`),
  'functions with wider parameters': method(`
    @Cacheable('lead', { key: (id: string | number) => id, unless: (lead: { id: string }) => lead.id === '' })
    async byId(id: string): Promise<Lead> { return { ...ada, id }; }`),
  'functions of optional and of rest parameters': method(`
    @Cacheable('lead', { key: (id?: string) => id ?? 'none' })
    async maybe(id?: string): Promise<string | undefined> { return id; }
    @Cacheable('lead', { key: (...ids: string[]) => ids })
    async all(...ids: string[]): Promise<string[]> { return ids; }`),
  'generic methods': method(`
    @Cacheable('lead', { key: (id: string) => id })
    async byId<T extends Lead>(id: string, lead: T): Promise<T> { return { ...lead, id }; }
    @Cacheable('lead', { unless: (all: unknown[]) => all.length === 0 })
    async all<T>(one: T): Promise<T[]> { return [one]; }`),
  'unions as a result': method(`
    @Cacheable('lead', { unless: (lead: Lead | string | undefined) => lead === undefined })
    async byId(id: string): Promise<Lead | string | undefined> { return id; }`),
  Observables: method(`
    @Cacheable('lead', { unless: (id: string) => id === '' })
    rx(id: string): Observable<string> { return of(id); }
    @CachePut('lead', { resultKey: (id: string) => id })
    put(id: string): Observable<string> { return of(id); }
    @CacheEvict('lead')
    evict(id: string): Observable<string> { return of(id); }`),
  puts: method(`
    @CachePut('lead', { resultKey: (lead: Lead, id: string) => [lead.id, id], unless: (lead: Lead) => lead.id === '' })
    async save(id: string): Promise<Lead> { return { ...ada, id }; }
    @CachePut('lead', { key: (id: string) => ({ id }), ttl: (lead: Lead) => lead.score ?? '1m', near: false })
    async put(id: string): Promise<Lead> { return { ...ada, id }; }`),
  'evictions, stacked': method(`
    @CacheEvict('lead.byId', { key: (id: string) => [id, 1], beforeInvocation: true })
    @CacheEvict('lead.byName', { resultKey: (lead: Lead) => lead.name, unless: (lead: Lead) => lead.score === 0 })
    @CacheEvict('lead.count', { key: () => [], condition: (id: string) => id !== '' })
    async remove(id: string): Promise<Lead> { return { ...ada, id }; }`),
  'every field of a policy': method(`
    @Cacheable('lead', {
      ttl: '1.5h', grace: '1d', refreshAhead: 0.8, jitter: 0.1, scope: 'global', version: 2, near: { ttl: 500, share: true },
      softTimeout: 0, loadTimeout: '30s', waitTimeout: '10s', maxBytes: 1, type: () => [Date, URL],
    })
    async byId(id: string): Promise<string> { return id; }`),
  'private methods and overloads': method(`
    @Cacheable('lead') private async hidden(id: string): Promise<string> { return id; }
    byId(id: number): Promise<number>;
    byId(id: string): Promise<string>;
    @Cacheable('lead', { key: (id: string | number) => id })
    async byId(id: string | number): Promise<string | number> { return this.hidden(String(id)); }`),
  'defaults of a class': statement(`
    @CacheDefaults({ ttl: '5m', near: { share: true } })
    export class LeadService {}`),
  'caches that are injected': statement(`
    export class LeadService {
      @InjectCache('lead') readonly property!: Cache<Lead>;
      constructor(@InjectCache('lead') readonly parameter: Cache<Lead>) {}
    }`),
  'what wrap yields is what the load yields': statement(`
    export const one: Promise<Lead> = leads.wrap('1', () => ada);
    export const awaited: Promise<Lead> = leads.wrap('1', async ({ signal }) => { signal.throwIfAborted(); return ada; }, '5m');
    export const narrower: Promise<Lead & { extra: 1 }> = leads.wrap('1', () => ({ ...ada, extra: 1 as const }));
    export const text: Promise<string> = caches.wrap(['a', 1], () => 'text', { ttl: '5m' });
    export const union: Promise<string | null> = caches.wrap({ a: 1 }, async () => (ada.score ? 'text' : null));
    export const named: Promise<number> = caches.cache<number>('count').wrap(1n, () => 1);`),
  'what get yields may be missing': statement(`
    export const one: Promise<Lead | undefined> = leads.get('1');
    export const several: Promise<(Lead | undefined)[]> = leads.mget(['1', ['2', 3]]);
    export const any: Promise<number | undefined> = caches.get<number>(new Date());`),
};

/** Lines to be refused end in `//!` and what the compiler has to say. */
const REFUSED: Record<string, string> = {
  'a key function of another argument': method(`
    @Cacheable('lead', { key: (id: number) => id }) //! ${FITS_NOT('key')}
    async byId(id: string): Promise<string> { return id; }`),
  'a key function of a narrower argument': method(`
    @Cacheable('lead', { key: (id: 'a') => id }) //! ${FITS_NOT('key')}
    async byId(id: string): Promise<string> { return id; }
    @Cacheable('lead', { key: (id: string) => id }) //! ${FITS_NOT('key')}
    async maybe(id?: string): Promise<string | undefined> { return id; }`),
  'a key function of more arguments': method(`
    @CacheEvict('lead', { key: (id: string, more: number) => [id, more] }) //! ${FITS_NOT('key')}
    async remove(id: string): Promise<string> { return id; }`),
  'a key that may be missing': method(`
    @Cacheable('lead', { key: (id?: string) => id }) //! 'undefined' is not assignable to type 'CacheKey'
    async maybe(id?: string): Promise<string | undefined> { return id; }
    @Cacheable('lead', { key: 'id' }) //! 'string' is not assignable
    async byId(id: string): Promise<string> { return id; }`),
  'a key function that does not say what it takes': method(`
    @Cacheable('lead', { key: (id) => id }) //! Parameter 'id' implicitly has an 'any' type
    async byId(id: string): Promise<string> { return id; }`),
  'a condition or tenant of another argument or result': method(`
    @Cacheable('lead', { condition: (id: number) => id > 0 }) //! ${FITS_NOT('condition')}
    async a(id: string): Promise<string> { return id; }
    @CachePut('lead', { tenant: (id: number) => String(id) }) //! ${FITS_NOT('tenant')}
    async b(id: string): Promise<string> { return id; }
    @CachePut('lead', { condition: (id: string) => id }) //! 'string' is not assignable to type 'boolean'
    async c(id: string): Promise<string> { return id; }
    @CacheEvict('lead', { tenant: (id: string) => (id === '' ? undefined : id) }) //! is not assignable to type 'string'
    async d(id: string): Promise<string> { return id; }`),
  'unless, ttl and resultKey of another result': method(`
    @Cacheable('lead', { unless: (lead: { nme: string }) => lead.nme === '' }) //! ${FITS_NOT('unless')}
    async a(id: string): Promise<Lead> { return { ...ada, id }; }
    @Cacheable('lead', { ttl: (seconds: number) => seconds }) //! ${FITS_NOT('ttl')}
    async b(id: string): Promise<Lead> { return { ...ada, id }; }
    @CachePut('lead', { resultKey: (id: string) => id }) //! ${FITS_NOT('resultKey')}
    async c(id: string): Promise<Lead> { return { ...ada, id }; }
    @CacheEvict('lead', { resultKey: (lead: Lead, id: number) => [lead.id, id] }) //! ${FITS_NOT('resultKey')}
    async d(id: string): Promise<Lead> { return { ...ada, id }; }`),
  'unless that forgets a part of a union': method(`
    @Cacheable('lead', { unless: (lead: Lead) => lead.id === '' }) //! ${FITS_NOT('unless')}
    async byId(id: string): Promise<Lead | null> { return { ...ada, id }; }`),
  'unless of another value of an Observable': method(`
    @Cacheable('lead', { unless: (id: number) => id === 0 }) //! ${FITS_NOT('unless')}
    rx(id: string): Observable<string> { return of(id); }`),
  'an option that is not known': method(`
    @Cacheable('lead', { tll: '5m' }) //! 'tll' does not exist
    async a(id: string): Promise<string> { return id; }
    @Cacheable({ ttl: '5m', foo: 1 }) //! 'number' is not assignable to type 'never'
    async b(id: string): Promise<string> { return id; }
    @Cacheable('lead', { near: { shre: true } }) //! Did you mean to write 'share'
    async c(id: string): Promise<string> { return id; }
    @Cacheable('lead', { resultKey: (id: string) => id }) //! 'resultKey' does not exist
    async d(id: string): Promise<string> { return id; }
    @CacheEvict('lead', { ttl: '5m' }) //! 'ttl' does not exist
    async e(id: string): Promise<string> { return id; }
    @CachePut('lead', { beforeInvocation: true }) //! 'beforeInvocation' does not exist
    async f(id: string): Promise<string> { return id; }`),
  'a value that an option does not take': method(`
    @Cacheable('lead', { ttl: '5 minutes' }) //! '"5 minutes"' is not assignable
    async a(id: string): Promise<string> { return id; }
    @Cacheable('lead', { scope: 'everyone' }) //! '"everyone"' is not assignable
    async b(id: string): Promise<string> { return id; }`),
  'something else in place of the options': method(`
    @Cacheable('lead', '15m') //! '"15m"' has no properties in common with type
    async a(id: string): Promise<string> { return id; }
    @Cacheable('lead', 60_000) //! '60000' has no properties in common with type
    async b(id: string): Promise<string> { return id; }
    @Cacheable(60_000) //! '60000' has no properties in common with type
    async c(id: string): Promise<string> { return id; }
    @Cacheable('lead', (id: string) => id) //! has no properties in common with type
    async d(id: string): Promise<string> { return id; }
    @CachePut('lead', '15m') //! '"15m"' has no properties in common with type
    async e(id: string): Promise<string> { return id; }
    @CacheEvict('lead', ['id']) //! has no properties in common with type
    async f(id: string): Promise<string> { return id; }`),
  'a method that is not asynchronous': method(`
    @Cacheable('lead') //! Type 'string' is not assignable to type 'Promise<unknown>'
    a(id: string): string { return id; }
    @CachePut('lead') //! Type 'void' is not assignable to type 'Promise<unknown>'
    b(_id: string): void { return undefined; }
    @CacheEvict('lead') //! Type 'string' is not assignable to type 'Promise<unknown>'
    c(id: string): Promise<string> | string { return id; }`),
  'a method of which nobody knows whether it is a Promise or an Observable': method(`
    @Cacheable('lead') //! is not assignable to type 'Promise<unknown>'
    a(id: string): Promise<string> | Observable<string> { return of(id); }`),
  'an accessor or a property': method(`
    @Cacheable('lead') //! is not assignable to parameter of type 'TypedPropertyDescriptor<CacheableMethod>'
    get a(): Promise<string> { return Promise.resolve(''); }
    @Cacheable('lead') //! Unable to resolve signature of property decorator
    b = async (id: string): Promise<string> => id;`),
  'an eviction or put without a cache': method(`
    @CachePut() //! Expected 1-2 arguments, but got 0
    async a(id: string): Promise<string> { return id; }
    @CacheEvict({ key: (id: string) => id }) //! is not assignable to parameter of type 'string'
    async b(id: string): Promise<string> { return id; }`),
  'what the defaults of a class do not take': statement(`
    @CacheDefaults({ ttl: '5m', key: () => 1 }) //! 'key' does not exist in type 'Omit<CachePolicy
    export class LeadService {}`),
  'another value than that of the cache': statement(`
    export const a = leads.wrap('1', () => 5); //! Type 'number' is not assignable to type 'Lead | Promise<Lead>'
    export const b: Promise<number> = caches.wrap('1', () => 'text'); //! Type 'string' is not assignable to type 'number'
    export const c: Promise<Lead> = leads.get('1'); //! Type 'undefined' is not assignable to type 'Lead'
    export const d = leads.set('1', { id: '1' }); //! Property 'name' is missing
    export const e = leads.wrap(undefined, () => ada); //! 'undefined' is not assignable to parameter of type 'CacheKey'
    export const f = leads.wrap('1', () => ada, { scope: 'global' }); //! is not assignable`),
};

describe('the types of the decorators', () => {
  let types: TypeCheck;

  beforeAll(() => {
    types = new TypeCheck({ ...ACCEPTED, ...REFUSED });
  }, 60_000);

  it.each(Object.keys(ACCEPTED))('accept %s', (name) => {
    expect(types.complaintsOf(name)).toEqual([]);
  });

  it.each(Object.keys(REFUSED))('refuse %s', (name) => {
    const expected = String(REFUSED[name])
      .split('\n')
      .map((line) => ({ line: line.trim(), says: line.split(' //! ')[1] }))
      .filter(({ says }) => says !== undefined)
      .map(({ line, says }) => ({ line, says: expect.stringContaining(String(says)) as unknown }));
    expect(expected.length).toBeGreaterThan(0);
    expect(types.complaintsOf(name)).toEqual(expected);
  });
});
