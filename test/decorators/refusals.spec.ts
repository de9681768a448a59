import {
  Cacheable,
  CacheEvict,
  CachePut,
  InvalidDecoratorError,
  isRedisCacheError,
} from 'nestjs-redis-cache';

/** What the compiler refuses already, as plain JavaScript would write it. */
const untyped = (decorator: unknown) => decorator as PropertyDecorator;

function errorOf(defineClass: () => unknown): unknown {
  try {
    defineClass();
  } catch (error) {
    return error;
  }
  return undefined;
}

class Lead {}

describe('a caching decorator refuses, while the class is defined,', () => {
  it.each<[string, () => unknown, string]>([
    [
      'a static method',
      () => {
        class LeadService {
          @untyped(Cacheable('lead'))
          static async byId(): Promise<void> {
            return undefined;
          }
        }
        return LeadService;
      },
      '@Cacheable on LeadService.byId stands on a static method. ' +
        'Only methods of instances can be cached: Nest gives each instance its cache.',
    ],
    [
      'an accessor',
      () => {
        class LeadService {
          @untyped(Cacheable('lead'))
          get all(): Promise<void> {
            return Promise.resolve();
          }
        }
        return LeadService;
      },
      '@Cacheable on LeadService.all stands on something that is not a method. ' +
        'Decorate a method; an accessor or an arrow function in a property cannot be cached.',
    ],
    [
      'an arrow function in a property',
      () => {
        class LeadService {
          @untyped(CacheEvict('lead'))
          remove = async (): Promise<void> => undefined;
        }
        return LeadService;
      },
      '@CacheEvict on LeadService.remove stands on something that is not a method. ' +
        'Decorate a method; an accessor or an arrow function in a property cannot be cached.',
    ],
    [
      'a method that returns a string',
      () => {
        class LeadService {
          @untyped(Cacheable('lead'))
          name(): string {
            return '';
          }
        }
        return LeadService;
      },
      '@Cacheable on LeadService.name returns String. ' +
        'A cached method returns a Promise or an Observable: make it async.',
    ],
    [
      'a method that returns an instance',
      () => {
        class LeadService {
          @untyped(CachePut('lead'))
          create(): Lead {
            return new Lead();
          }
        }
        return LeadService;
      },
      '@CachePut on LeadService.create returns Lead. ' +
        'A cached method returns a Promise or an Observable: make it async.',
    ],
    [
      '@CachePut above @Cacheable',
      () => {
        class LeadService {
          @CachePut('lead')
          @Cacheable('lead')
          async byId(_id: string): Promise<void> {
            return undefined;
          }
        }
        return LeadService;
      },
      '@CachePut on LeadService.byId meets @Cacheable and @CachePut on one method. ' +
        'One skips the method on a hit, the other must always run it: keep one of the two.',
    ],
    [
      '@Cacheable above @CachePut, with an eviction between',
      () => {
        class LeadService {
          @Cacheable('lead')
          @CacheEvict('other')
          @CachePut('lead')
          async byId(_id: string): Promise<void> {
            return undefined;
          }
        }
        return LeadService;
      },
      '@Cacheable on LeadService.byId meets @Cacheable and @CachePut on one method. ' +
        'One skips the method on a hit, the other must always run it: keep one of the two.',
    ],
    [
      'an eviction or put that names no cache',
      () => {
        class LeadService {
          @CacheEvict(undefined as unknown as string)
          async remove(_id: string): Promise<void> {
            return undefined;
          }
        }
        return LeadService;
      },
      '@CacheEvict on LeadService.remove names no cache. ' +
        `Name the cache whose entry it changes, for instance 'lead.byPhone'.`,
    ],
    [
      'key and resultKey',
      () => {
        class LeadService {
          @CachePut('lead', { key: (id: string) => id, resultKey: () => '1' })
          async save(_id: string): Promise<void> {
            return undefined;
          }
        }
        return LeadService;
      },
      '@CachePut on LeadService.save has key and resultKey. Keep one of the two.',
    ],
    [
      'beforeInvocation with resultKey',
      () => {
        class LeadService {
          @CacheEvict('lead', { resultKey: () => '1', beforeInvocation: true })
          async remove(_id: string): Promise<void> {
            return undefined;
          }
        }
        return LeadService;
      },
      '@CacheEvict on LeadService.remove has beforeInvocation and resultKey. ' +
        'Before the method runs there is no result: decide by the arguments.',
    ],
    [
      'beforeInvocation with unless',
      () => {
        class LeadService {
          @CacheEvict('lead', { unless: () => true, beforeInvocation: true })
          async remove(_id: string): Promise<void> {
            return undefined;
          }
        }
        return LeadService;
      },
      '@CacheEvict on LeadService.remove has beforeInvocation and unless. ' +
        'Before the method runs there is no result: decide by the arguments.',
    ],
    [
      'a put of several arguments without a key',
      () => {
        class LeadService {
          @CachePut('lead')
          async rename(_id: string, _name: string): Promise<void> {
            return undefined;
          }
        }
        return LeadService;
      },
      '@CachePut on LeadService.rename would make the key of all 2 arguments. ' +
        'A write seldom has just the arguments that the read has: say key: (id: string) => id, or resultKey.',
    ],
    [
      'an eviction of several arguments without a key, though the last have defaults',
      () => {
        class LeadService {
          @CacheEvict('lead')
          async remove(_id: string, _reason = 'none', _at?: Date): Promise<void> {
            return undefined;
          }
        }
        return LeadService;
      },
      '@CacheEvict on LeadService.remove would make the key of all 3 arguments. ' +
        'A write seldom has just the arguments that the read has: say key: (id: string) => id, or resultKey.',
    ],
  ])('%s', (_, defineClass, message) => {
    const error = errorOf(defineClass);
    expect(error).toBeInstanceOf(InvalidDecoratorError);
    expect(error).toMatchObject({
      name: 'InvalidDecoratorError',
      code: 'INVALID_DECORATOR',
      place: message.split(' ', 3).join(' '),
      message,
    });
    expect(isRedisCacheError(error)).toBe(true);
  });

  it('several arguments without the metadata of the compiler, by what the method counts itself', () => {
    const rename = async (_id: string, _name: string): Promise<void> => undefined;
    class LeadService {}
    const decorate = CachePut('lead') as MethodDecorator;
    expect(() => decorate(LeadService.prototype, 'rename', { value: rename })).toThrow(
      '@CachePut on LeadService.rename would make the key of all 2 arguments.',
    );
  });
});
