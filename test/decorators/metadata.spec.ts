import {
  Controller,
  Get,
  Header,
  HttpCode,
  Param,
  ParseIntPipe,
  SetMetadata,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type CanActivate,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { Cacheable, CacheEvict, CachePut } from 'nestjs-redis-cache';
import { CacheApps } from '../support/cache-apps.js';

class Guard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

const others = (): MethodDecorator[] => [
  Get(':id'),
  HttpCode(203),
  Header('x-kind', 'lead'),
  SetMetadata('roles', ['agent']),
  UseGuards(Guard),
  UsePipes(ParseIntPipe),
  UseInterceptors(class Interceptor {}),
  ApiOperation({ summary: 'one lead' }),
  ApiResponse({ status: 404 }),
];

const caching: Record<string, () => MethodDecorator[]> = {
  '@Cacheable': () => [Cacheable('lead') as MethodDecorator],
  '@CachePut': () => [CachePut('lead', { key: () => '1' }) as MethodDecorator],
  'two @CacheEvict': () => [
    CacheEvict('lead', { key: () => '1' }) as MethodDecorator,
    CacheEvict('lead.other', { key: () => '1' }) as MethodDecorator,
  ],
};

/** The same controller with these decorators on its method, the first one above. */
function controllerWith(decorators: MethodDecorator[]) {
  const all: MethodDecorator = (target, property, descriptor) => {
    for (const decorate of decorators.toReversed()) decorate(target, property, descriptor);
  };
  @Controller('leads')
  class LeadController {
    @all
    async byId(@Param('id', ParseIntPipe) id: number, _trace?: string): Promise<string> {
      return `lead ${id}`;
    }
  }
  return LeadController;
}

/** All that is noted on a function or class, but for what is ours or made anew each time. */
function notesOf(target: object, property?: string): Record<string, unknown> {
  const keys = (
    property === undefined
      ? Reflect.getOwnMetadataKeys(target)
      : Reflect.getOwnMetadataKeys(target, property)
  ) as string[];
  const value = (key: string): unknown =>
    property === undefined
      ? Reflect.getOwnMetadata(key, target)
      : Reflect.getOwnMetadata(key, target, property);
  const foreign = keys.filter((key) => !key.startsWith('nestjs-redis-cache'));
  return Object.fromEntries(foreign.sort().map((key) => [key, JSON.stringify(value(key))]));
}

describe.each(Object.keys(caching))('%s', (name) => {
  const own = () => caching[name]?.() ?? [];
  const plain = controllerWith(others());

  it.each([
    ['above', () => [...own(), ...others()]],
    ['below', () => [...others(), ...own()]],
    ['between', () => [...others().slice(0, 4), ...own(), ...others().slice(4)]],
  ])('standing %s the other decorators keeps what they note', (_, decorators) => {
    const type = controllerWith(decorators());
    const expected = notesOf(plain.prototype.byId);
    expect(Object.keys(expected)).toEqual(
      expect.arrayContaining(['path', 'roles', '__guards__', '__pipes__', 'swagger/apiResponse']),
    );
    expect(notesOf(type.prototype.byId)).toEqual(expected);
    expect(notesOf(type.prototype, 'byId')).toEqual(notesOf(plain.prototype, 'byId'));
    expect(notesOf(type, 'byId')).toEqual(notesOf(plain, 'byId'));
    expect(Reflect.getMetadata('__guards__', type.prototype.byId)).toEqual([Guard]);
    expect(new Reflector().get('roles', type.prototype.byId)).toEqual(['agent']);
  });

  it('keeps name and length of the method, and how it is defined', () => {
    const describe = ({ prototype }: { prototype: object }) => {
      const { value, ...rest } = Object.getOwnPropertyDescriptor(prototype, 'byId') ?? {};
      const { name: called, length } = value as { name: string; length: number };
      return { ...rest, name: called, length };
    };
    expect(describe(controllerWith(own()))).toEqual(describe(plain));
    expect(describe(plain)).toEqual({
      name: 'byId',
      length: 2,
      writable: true,
      enumerable: false,
      configurable: true,
    });
  });

  it('keeps the properties that others have put on the function', () => {
    const marks: MethodDecorator = (_target, _property, descriptor) => {
      Object.assign(descriptor.value as object, { marked: true });
    };
    expect(controllerWith([...own(), marks]).prototype.byId).toHaveProperty('marked', true);
  });

  it('does not note what it says on the class or on other methods', () => {
    class Two {
      async one(id: string): Promise<string> {
        return id;
      }

      async other(id: string): Promise<string> {
        return id;
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Two.prototype, 'one') as PropertyDescriptor;
    for (const decorate of own()) decorate(Two.prototype, 'one', descriptor);
    expect(Reflect.getOwnMetadataKeys(Two.prototype.other)).toEqual([]);
  });
});

describe('a caching decorator beside one that replaces the method', () => {
  const apps = new CacheApps();

  const noting =
    (log: string[]): MethodDecorator =>
    (_target, property, descriptor) => {
      const original = descriptor.value as unknown as (...args: unknown[]) => unknown;
      const value = function (this: unknown, ...args: unknown[]) {
        log.push(`${String(property)} ${args.join()}`);
        return original.apply(this, args);
      };
      Object.assign(descriptor, { value });
    };

  it('lets one above see every call, and one below the misses only', async () => {
    const [above, below]: string[][] = [[], []];
    class LeadService {
      @noting(above as string[])
      @Cacheable('lead', { scope: 'global' })
      @noting(below as string[])
      async byId(id: string): Promise<string> {
        return id;
      }
    }
    const leads = (await apps.boot({ providers: [LeadService] })).get(LeadService);
    expect([await leads.byId('1'), await leads.byId('1')]).toEqual(['1', '1']);
    expect({ above, below }).toEqual({ above: ['byId 1', 'byId 1'], below: ['byId 1'] });
  });
});
