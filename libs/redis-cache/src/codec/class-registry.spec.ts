import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { ClassRegistry, type ClassRef } from './class-registry.js';

class Lead {}

describe('ClassRegistry', () => {
  it('finds classes by prototype and by name', () => {
    abstract class Base {}
    const registry = new ClassRegistry([Lead, Base, Lead]);
    expect(registry.nameOf(Lead.prototype)).toBe('Lead');
    expect(registry.prototypeOf('Base')).toBe(Base.prototype);
    expect(registry.nameOf(Object.prototype)).toBeUndefined();
    expect(registry.prototypeOf('toString')).toBeUndefined();
  });

  it('takes classes that extend null', () => {
    class Bare {}
    Object.setPrototypeOf(Bare.prototype, null);
    expect(new ClassRegistry([Bare]).nameOf(Bare.prototype)).toBe('Bare');
  });

  it.each<[string, unknown]>([
    ['a class with a name', [class {}]],
    [
      'a class with a name',
      [
        class {
          static readonly name = 5;
        },
      ],
    ],
    [
      'a class with a name',
      [
        class {
          static readonly name = ':url';
        },
      ],
    ],
    ['classes of different names', [Lead, (() => class Lead {})()]],
    ['a class that does not extend a built-in one', [Map]],
    ['a class that does not extend a built-in one', [Object]],
    ['a class that does not extend a built-in one', [class Rows extends Array {}]],
    [
      'a class that does not extend a built-in one',
      [class Deep extends class Failure extends TypeError {} {}],
    ],
    ['a class', [() => Lead]],
    ['a class', ['Lead']],
    ['a class', [undefined]],
  ])('expects %s', (expected, classes) => {
    const make = (): unknown => new ClassRegistry(classes as readonly ClassRef[]);
    expect(make).toThrow(InvalidCacheOptionsError);
    expect(make).toThrow(expect.objectContaining({ option: 'type', expected }));
  });
});
