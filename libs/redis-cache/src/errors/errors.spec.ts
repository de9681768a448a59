import { FarTimeoutError, FarUnavailableError } from './far-tier.error.js';
import { InvalidDecoratorError } from './invalid-decorator.error.js';
import { InvalidCacheKeyError } from './invalid-key.error.js';
import { InvalidCacheOptionsError } from './invalid-options.error.js';
import { MigrationRefusedError } from './migration-refused.error.js';
import { isRedisCacheError, RedisCacheError } from './redis-cache.error.js';
import { PurgeIncompleteError } from './purge-incomplete.error.js';
import { TenantMissingError } from './tenant-missing.error.js';
import { TenantScopeMissingError } from './tenant-scope-missing.error.js';
import { UncacheableValueError } from './uncacheable-value.error.js';

const ERRORS: [RedisCacheError, object, string][] = [
  [
    new TenantMissingError(`get in the cache 'lead'`),
    { name: 'TenantMissingError', code: 'TENANT_MISSING', operation: `get in the cache 'lead'` },
    `get in the cache 'lead' needs a tenant, and none is set here. Run the code inside ` +
      `runWithTenant(tenant, fn), open the scope with tenantMiddleware() and fill it in a guard, ` +
      `pass { tenant } or forTenant(tenant), give the module a tenant.resolve, or declare the cache ` +
      `with scope: 'global' if its entries belong to nobody.`,
  ],
  [
    new TenantScopeMissingError(),
    { name: 'TenantScopeMissingError', code: 'TENANT_SCOPE_MISSING' },
    'setTenant() found no open tenant scope. Apply tenantMiddleware() to this route, ' +
      'or run the code inside runWithTenant().',
  ],
  [
    new InvalidCacheOptionsError('near.ttl', '5', 'a duration', `Write '5s'.`),
    {
      name: 'InvalidCacheOptionsError',
      code: 'INVALID_OPTIONS',
      option: 'near.ttl',
      expected: 'a duration',
    },
    `Option near.ttl is '5'; expected a duration. Write '5s'.`,
  ],
  [
    new InvalidCacheKeyError('argument 2.filter', 'is a function', 'Leave it out.'),
    { name: 'InvalidCacheKeyError', code: 'INVALID_KEY', path: 'argument 2.filter' },
    'Cannot make a cache key: argument 2.filter is a function. Leave it out.',
  ],
  [
    new InvalidDecoratorError('@Cacheable on Lead.get', 'stands on an accessor', 'Move it.'),
    {
      name: 'InvalidDecoratorError',
      code: 'INVALID_DECORATOR',
      place: '@Cacheable on Lead.get',
    },
    '@Cacheable on Lead.get stands on an accessor. Move it.',
  ],
  [
    new PurgeIncompleteError('acme', 7),
    { name: 'PurgeIncompleteError', code: 'PURGE_INCOMPLETE', tenant: 'acme', deleted: 7 },
    `The tenant 'acme' is not erased: Redis is away, or failed after 7 keys were deleted. Nothing ` +
      'of it is served any more. Call purgeTenant() again once Redis is back, until it resolves.',
  ],
  [
    new MigrationRefusedError(`The drain of 'lead'`, 'it is in the mode shadow', 'Switch first.'),
    { name: 'MigrationRefusedError', code: 'MIGRATION_REFUSED', step: `The drain of 'lead'` },
    `The drain of 'lead' is refused: it is in the mode shadow. Switch first.`,
  ],
  [
    new UncacheableValueError('value.owner', 'is a Promise', 'Await it first.'),
    { name: 'UncacheableValueError', code: 'UNCACHEABLE_VALUE', path: 'value.owner' },
    'Cannot cache this value: value.owner is a Promise. Await it first.',
  ],
  [
    new FarUnavailableError('Redis is away'),
    { name: 'FarUnavailableError', code: 'FAR_UNAVAILABLE' },
    'Redis is away',
  ],
  [
    new FarTimeoutError(100),
    { name: 'FarTimeoutError', code: 'FAR_TIMEOUT', timeoutMs: 100 },
    'Redis did not answer within 100 ms',
  ],
];

describe.each(ERRORS)('%s', (error, fields, message) => {
  it('says by name, code, fields and message what is wrong and what to do', () => {
    expect(error).toMatchObject(fields);
    expect(error.message).toBe(message);
    expect(String(error)).toBe(`${error.name}: ${message}`);
  });

  it('is an error of this library, with a stack and without a cause', () => {
    expect(error).toBeInstanceOf(RedisCacheError);
    expect(error).toBeInstanceOf(Error);
    expect(isRedisCacheError(error)).toBe(true);
    expect(error.stack).toContain('errors.spec.ts');
    expect('cause' in error).toBe(false);
  });

  it('shows nothing of its marker where it is logged', () => {
    const known = ['name', 'code', ...Object.keys(fields)];
    expect(new Set(Object.keys(error))).toEqual(new Set(known));
    expect(Object.getOwnPropertySymbols(error).map(String)).toEqual([
      'Symbol(nestjs-redis-cache.error)',
    ]);
  });
});

describe('RedisCacheError', () => {
  it('has codes that tell its kinds apart', () => {
    const codes = ERRORS.map(([{ code }]) => code);
    expect(new Set(codes).size).toBe(ERRORS.length);
  });

  it('carries the cause it is given', () => {
    const cause = new Error('of the codec');
    const error = new UncacheableValueError('value', 'cannot be encoded', 'Return plain data.', {
      cause,
    });
    expect(error.cause).toBe(cause);
  });

  it('is named after a subclass of the user as well', () => {
    class OwnError extends TenantMissingError {}
    expect(new OwnError('get').name).toBe('OwnError');
    expect(isRedisCacheError(new OwnError('get'))).toBe(true);
  });
});

describe('isRedisCacheError', () => {
  it('knows errors of another copy of the package, which instanceof does not', async () => {
    let foreign: unknown;
    await jest.isolateModulesAsync(async () => {
      const copy = await import('./tenant-missing.error.js');
      foreign = new copy.TenantMissingError('get');
    });
    expect(foreign).not.toBeInstanceOf(TenantMissingError);
    expect(foreign).not.toBeInstanceOf(RedisCacheError);
    expect(isRedisCacheError(foreign)).toBe(true);
    expect(foreign).toMatchObject({ name: 'TenantMissingError', code: 'TENANT_MISSING' });
  });

  it.each([
    new Error('TENANT_MISSING'),
    Object.assign(new Error('x'), { code: 'TENANT_MISSING', name: 'TenantMissingError' }),
    { code: 'TENANT_MISSING' },
    'TENANT_MISSING',
    null,
    undefined,
    42,
    () => 1,
  ])('does not take %p for one', (value) => {
    expect(isRedisCacheError(value)).toBe(false);
  });
});
