import { received } from './received.js';

describe('received', () => {
  it.each<[unknown, string]>([
    ['abc', "'abc'"],
    ['', "''"],
    [-0, '-0'],
    [5n, '5n'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{ a: 1, b: { c: 2 } }, '{ a: 1, b: [Object] }'],
    [[1, [2]], '[ 1, [Array] ]'],
    [() => 1, '[Function (anonymous)]'],
    ['two\nlines', String.raw`'two\nlines'`],
  ])('shows %p as %s', (value, text) => {
    expect(received(value)).toBe(text);
  });

  it.each<[string, unknown]>([
    ['a long string', 'x'.repeat(10_000)],
    ['a long list', Array.from({ length: 200 }, (_, index) => index)],
    ['many fields', Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`field${i}`, i]))],
    ['an error with its stack', new Error('of several\nlines')],
    ['a map of many', new Map(Array.from({ length: 99 }, (_, index) => [index, 'value']))],
  ])('shows %s on one line of at most 80 characters', (_what, value) => {
    const text = received(value);
    expect(text).not.toContain('\n');
    expect(text.length).toBeLessThanOrEqual(80);
    expect(text).toMatch(/…$/);
  });

  it.each<[string, unknown, string]>([
    ['a URL', 'postgres://app:hunter2@db/crm', "'postgres://app:***@db/crm'"],
    [
      'a long URL',
      `redis://app:hunter2${'x'.repeat(70)}@redis.example.com:6379`,
      "'redis://app:***@redis.example.com:6379'",
    ],
    [
      'options of a client',
      { connectionString: 'postgres://app:hunter2@db/crm' },
      "{ connectionString: 'postgres://app:***@db/crm' }",
    ],
    ['a login', { user: 'app', password: 'hunter2' }, "{ user: 'app', password: *** }"],
    [
      'a client with its login',
      Object.assign(new (class Pool {})(), { password: 'hunter2' }),
      'Pool { password: *** }',
    ],
    ['a password in a query', 'redis://db?password=hunter2', "'redis://db?password=***"],
  ])('shows no secret of %s', (_what, value, text) => {
    expect(received(value)).toBe(text);
  });
});
