import { expectExact } from '../../../../test/support/exact-equality.js';
import { CODEC_IDS } from './codec-ids.js';
import { ValueCodec } from './value-codec.js';

class User {
  constructor(readonly name: string) {}

  get initial(): string {
    return this.name.charAt(0);
  }
}

class Lead {
  status = 'open';
  owner: unknown;

  constructor(readonly id: number) {
    constructed++;
  }

  greet(): string {
    return `Lead ${this.id}`;
  }
}

/** Sets its own properties through setters, and would run code if they were assigned again. */
class Guarded {
  constructor() {
    Object.defineProperty(this, 'level', {
      value: 1,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }

  set level(_: number) {
    throw new Error('the setter ran');
  }
}

abstract class Shape {}
class Square extends Shape {
  side = 2;
}

let constructed = 0;
const codec = new ValueCodec({ classes: [Lead, User, Guarded, Square] });

function roundTrip(value: unknown): unknown {
  const { codecId, payload } = codec.encode(value);
  return codec.decode(codecId, payload);
}

describe('instances of the classes named', () => {
  const lead = (): Lead => Object.assign(new Lead(7), { owner: new User('Ada') });

  it.each<[string, () => unknown]>([
    ['alone', lead],
    ['in an array', () => [lead(), lead()]],
    [
      'in objects and Maps',
      () => ({ byId: new Map([[new User('key'), lead()]]), at: new Date(1) }),
    ],
    ['in Sets', () => new Set([lead(), 'x'])],
    [
      'holding what JSON loses',
      () => Object.assign(new Lead(1), { owner: undefined, at: new Date(1) }),
    ],
    ['of a subclass', () => new Square()],
    ['with a setter of the same name', () => new Guarded()],
    ['with data that looks like a tag', () => Object.assign(new Lead(1), { '@': 'User', '=': {} })],
    [
      'beside data that looks like one',
      () => [lead(), { '@': 'User', '=': { name: 'x' } }, { '@': 1 }],
    ],
    [
      'with an own property __proto__',
      () => Object.assign(lead(), { owner: JSON.parse('{"__proto__":1}') }),
    ],
    ['in two places', () => ((one) => ({ a: one, b: [one, one.owner] }))(lead())],
    ['in a cycle', () => ((one) => Object.assign(one, { owner: { of: one } }))(lead())],
    ['without prototype beside them', () => [{ __proto__: null, lead: lead() }]],
  ])('come out as they went in: %s', (_, make) => {
    expectExact(roundTrip(make()), make());
    expectExact(codec.copy(make()), make());
  });

  it('work: methods and accessors are there', () => {
    const out = roundTrip(lead()) as Lead & { owner: User };
    expect([out.greet(), out.owner.initial]).toEqual(['Lead 7', 'A']);
  });

  it('are made without a call of the constructor', () => {
    const value = lead();
    constructed = 0;
    codec.copy(roundTrip(value));
    expect(constructed).toBe(0);
  });

  it('are stored as readable JSON where they hold plain data', () => {
    const { codecId, payload } = codec.encode({ user: new User('Ada'), note: { '@': 'home' } });
    expect(codecId).toBe(CODEC_IDS.taggedJson);
    expect(Buffer.from(payload).toString()).toBe(
      '{"user":{"@":"User","=":{"name":"Ada"}},"note":{"@":"","=":{"@":"home"}}}',
    );
  });

  it('nest as deep as other values', () => {
    let value: unknown = new User('core');
    for (let level = 1; level < 512; level++)
      value = Object.assign(new Lead(level), { owner: value });
    expectExact(roundTrip(value), value);
    expect(() => codec.encode([value])).toThrow('is nested more than 512 levels deep');
  });

  it('are refused if their class is a subclass that is not named', () => {
    class Hot extends Lead {}
    expect(() => codec.encode({ lead: new Hot(1) })).toThrow('value.lead is an instance of Hot');
  });

  it('are refused with accessors, symbols or hidden properties of their own', () => {
    const hidden = Object.defineProperty(new User('a'), 'secret', { value: 1 });
    expect(() => codec.encode({ hidden })).toThrow('value.hidden.secret is a property that is not');
  });

  it('make a miss where their class is not known any more', () => {
    const { codecId, payload } = codec.encode(new User('a'));
    expect(() => new ValueCodec().decode(codecId, payload)).toThrow('Unknown class "User"');
  });

  it('keep own properties of hostile names their own', () => {
    const json = '{"@":"User","=":{"__proto__":{"admin":true},"constructor":1}}';
    const user = codec.decode(CODEC_IDS.taggedJson, Buffer.from(json)) as User & {
      admin?: unknown;
    };
    expect(Object.getPrototypeOf(user)).toBe(User.prototype);
    expect(Object.getOwnPropertyNames(user)).toEqual(['__proto__', 'constructor']);
    expect(user.admin).toBeUndefined();
  });
});
