import { Cacheable, CacheEvict, CachePut, InvalidDecoratorError } from 'nestjs-redis-cache';

/** What the compiler refuses already, as plain JavaScript would write it. */
type Untyped = (...said: unknown[]) => MethodDecorator;
const [cacheable, cachePut, cacheEvict] = [Cacheable, CachePut, CacheEvict] as unknown as [
  Untyped,
  Untyped,
  Untyped,
];

function refusalOf(decorator: MethodDecorator): InvalidDecoratorError {
  const define = () => {
    class LeadService {
      @decorator
      async byId(id: string): Promise<string> {
        return id;
      }
    }
    return LeadService;
  };
  try {
    define();
  } catch (error) {
    if (error instanceof InvalidDecoratorError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

const OF_ARGUMENTS = 'is to be a function of the arguments.';
const OF_RESULT = 'is to be a function of the result, then the arguments.';
const FLAG = 'is to be true or false.';
const TAGS =
  'is to be a list of strings that are not empty, or a function of the arguments that returns one.';
const LEAVE = 'Leave it out.';

describe('a caching decorator refuses, while the class is defined, an option', () => {
  it.each<[string, MethodDecorator, string]>([
    ['key', cacheable('lead', { key: 'id' }), `has key 'id'. It ${OF_ARGUMENTS}`],
    ['key', cacheable('lead', { key: null }), `has key null. It ${OF_ARGUMENTS}`],
    ['condition', cacheable('lead', { condition: true }), `has condition true. It ${OF_ARGUMENTS}`],
    ['tenant', cacheable('lead', { tenant: 'acme' }), `has tenant 'acme'. It ${OF_ARGUMENTS}`],
    ['unless', cacheable('lead', { unless: false }), `has unless false. It ${OF_RESULT}`],
    ['tags', cacheable('lead', { tags: 'lead:7' }), `has tags 'lead:7'. It ${TAGS}`],
    ['tags', cacheable('lead', { tags: [7] }), `has tags [ 7 ]. It ${TAGS}`],
    ['tags', cacheable('lead', { tags: ['a', ''] }), `has tags [ 'a', '' ]. It ${TAGS}`],
    [
      'resultTags',
      cacheable('lead', { resultTags: ['a'] }),
      `has resultTags [ 'a' ]. It ${OF_RESULT}`,
    ],
  ])('of @Cacheable that is none: %s', (_option, decorator, problem) => {
    expect(refusalOf(decorator).message).toBe(`@Cacheable on LeadService.byId ${problem}`);
  });

  it.each<[string, MethodDecorator, string]>([
    [
      'resultKey',
      cachePut('lead', { resultKey: 'id' }),
      `CachePut has resultKey 'id'. It ${OF_RESULT}`,
    ],
    [
      'afterCommit',
      cachePut('lead', { afterCommit: 'no' }),
      `CachePut has afterCommit 'no'. It ${FLAG}`,
    ],
    [
      'allEntries',
      cacheEvict('lead', { allEntries: 1 }),
      `CacheEvict has allEntries 1. It ${FLAG}`,
    ],
    [
      'beforeInvocation',
      cacheEvict({ tags: ['a'], beforeInvocation: 'yes' }),
      `CacheEvict has beforeInvocation 'yes'. It ${FLAG}`,
    ],
  ])('of the others that is none: %s', (_option, decorator, problem) => {
    const message = problem.replace(' ', ' on LeadService.byId ');
    expect(refusalOf(decorator).message).toBe(`@${message}`);
  });

  it.each<[string, MethodDecorator, string]>([
    ['@Cacheable', cacheable('lead', { allEntries: true }), 'Cacheable has allEntries'],
    ['@Cacheable', cacheable('lead', { resultKey: () => '1' }), 'Cacheable has resultKey'],
    ['@Cacheable', cacheable('lead', { beforeInvocation: true }), 'Cacheable has beforeInvocation'],
    ['@Cacheable', cacheable('lead', { afterCommit: false }), 'Cacheable has afterCommit'],
    ['@CachePut', cachePut('lead', { beforeInvocation: true }), 'CachePut has beforeInvocation'],
    ['@CacheEvict', cacheEvict('lead', { tags: ['a'] }), 'CacheEvict has tags'],
    ['@CacheEvict', cacheEvict('lead', { ttl: '5m' }), 'CacheEvict has ttl'],
    ['@CacheEvict of tags', cacheEvict({ tags: ['a'], key: () => '1' }), 'CacheEvict has key'],
    ['@CacheEvict of tags', cacheEvict({ tags: ['a'], version: 2 }), 'CacheEvict has version'],
  ])('that %s does not take', (_name, decorator, problem) => {
    const message = problem.replace(' ', ' on LeadService.byId ');
    expect(refusalOf(decorator).message).toBe(`@${message}, which it does not take. ${LEAVE}`);
  });

  it.each<[string, MethodDecorator, string]>([
    ['ttl', cacheable('lead', '15m'), "Cacheable has '15m' in the place of its options"],
    ['ttl', cacheable('lead', 60), 'Cacheable has 60 in the place of its options'],
    ['ttl, and no cache', cacheable(60), 'Cacheable has 60 in the place of its options'],
    ['list', cacheable('lead', ['id']), "Cacheable has [ 'id' ] in the place of its options"],
    ['null', cacheable('lead', null), 'Cacheable has null in the place of its options'],
  ])('that stands where all of them belong: a %s', (_what, decorator, problem) => {
    const message = problem.replace(' ', ' on LeadService.byId ');
    expect(refusalOf(decorator).message).toBe(
      `@${message}. Write an object, for instance { ttl: '15m' }.`,
    );
  });

  it.each<[string, MethodDecorator, string]>([
    ['a put', cachePut('lead', '15m'), "'15m' … { key: (id: string) => id }"],
    ['an eviction', cacheEvict('lead', 5), '5 … { key: (id: string) => id }'],
    [
      'an eviction by tags',
      cacheEvict(['a']),
      "[ 'a' ] … { tags: (id: string) => [`lead:${id}`] }",
    ],
  ])('that stands where all of them belong: of %s', (_what, decorator, said) => {
    const [given, example] = said.split(' … ');
    expect(refusalOf(decorator).message).toContain(
      ` has ${given} in the place of its options. Write an object, for instance ${example}.`,
    );
  });

  it.each<[string, MethodDecorator, string]>([
    ['@Cacheable', cacheable(() => 'lead', {}), 'Cacheable has [Function (anonymous)]'],
    ['@CachePut', cachePut({ key: () => '1' }), 'CachePut has { key: [Function: key] }'],
    ['@CacheEvict', cacheEvict(5), 'CacheEvict has 5'],
  ])('of %s in the place of the name of the cache', (_name, decorator, problem) => {
    const message = problem.replace(' ', ' on LeadService.byId ');
    expect(refusalOf(decorator).message).toContain(`@${message} `);
  });

  it('that it does not know, and names those it does', () => {
    expect(refusalOf(cacheable('lead', { keys: () => '1' })).message).toBe(
      '@Cacheable on LeadService.byId has keys, which it does not take. It takes condition, ' +
        'tenant, unless, key, tags, resultTags, ttl, grace, refreshAhead, jitter, scope, version, ' +
        'near, softTimeout, loadTimeout, waitTimeout, maxBytes, compressFromBytes, codec, type.',
    );
  });

  it('and takes one spelled out as undefined for one that is left out', () => {
    const unsaid = { key: undefined, unless: undefined, allEntries: undefined };
    expect(() => refusalOf(cacheable('lead', unsaid))).toThrow('It was accepted.');
  });
});
