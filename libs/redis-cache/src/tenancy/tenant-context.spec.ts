import { setImmediate, setTimeout } from 'node:timers/promises';
import { Gate } from '../../../../test/support/gate.js';
import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';
import { TenantScopeMissingError } from '../errors/tenant-scope-missing.error.js';
import {
  assertTenant,
  currentTenant,
  runInTenantScope,
  runWithTenant,
  setTenant,
} from './tenant-context.js';
import { tenantStorage } from './tenant-scope.js';

const NOT_A_TENANT: [unknown, string][] = [
  ['', 'is an empty string'],
  [undefined, 'is of type undefined'],
  [null, 'is of type null'],
  [42, 'is of type number'],
  [{ id: 'acme' }, 'is of type object'],
  [['acme'], 'is of type object'],
];

const refusalOf = (problem: string) =>
  new InvalidCacheKeyError('tenant', problem, `Pass the organization's id as a non-empty string.`);

describe('runWithTenant', () => {
  it('gives back what the function returns, and what it throws', () => {
    const result = { n: 1 };
    expect(runWithTenant('acme', () => result)).toBe(result);
    const error = new Error('own');
    expect(() =>
      runWithTenant('acme', () => {
        throw error;
      }),
    ).toThrow(error);
  });

  it('holds inside the function and nowhere else', () => {
    expect(currentTenant()).toBeUndefined();
    expect(runWithTenant('acme', currentTenant)).toBe('acme');
    expect(currentTenant()).toBeUndefined();
  });

  it('holds for all that is awaited or scheduled in it', async () => {
    const seen = await runWithTenant('acme', async () => {
      const first = currentTenant();
      await setImmediate();
      const second = currentTenant();
      await setTimeout(1);
      const third = currentTenant();
      const later = await new Promise((resolve) => {
        queueMicrotask(() => {
          resolve(currentTenant());
        });
      });
      return [first, second, third, later];
    });
    expect(seen).toEqual(['acme', 'acme', 'acme', 'acme']);
  });

  it('can be nested: the innermost holds, the outer one comes back', async () => {
    const seen: unknown[] = [];
    await runWithTenant('outer', async () => {
      seen.push(currentTenant());
      await runWithTenant('inner', async () => {
        seen.push(currentTenant());
        await setImmediate();
        seen.push(currentTenant());
      });
      seen.push(currentTenant());
    });
    expect(seen).toEqual(['outer', 'inner', 'inner', 'outer']);
  });

  it('lets two tenants run side by side, each with its own', async () => {
    const gate = new Gate();
    const run = (tenant: string) =>
      runWithTenant(tenant, async () => {
        await gate.pass();
        return currentTenant();
      });
    const both = [run('a'), run('b')];
    gate.open();
    expect(await Promise.all(both)).toEqual(['a', 'b']);
  });

  it('keeps 200 tenants apart, through many turns of the event loop', async () => {
    const tenants = Array.from({ length: 200 }, (_, index) => `tenant-${String(index)}`);
    const seen = await Promise.all(
      tenants.map((tenant, index) =>
        runWithTenant(tenant, async () => {
          const own: unknown[] = [];
          for (let turn = 0; turn < 5; turn++) {
            // Turns of different kinds and lengths, so that the tenants overtake each other.
            await ((index + turn) % 3 === 0 ? setImmediate() : Promise.resolve());
            own.push(currentTenant());
            own.push(await runWithTenant(`${tenant}-inner`, () => setImmediate(currentTenant())));
          }
          return own;
        }),
      ),
    );
    expect(seen).toEqual(
      tenants.map((tenant) => Array.from({ length: 5 }, () => [tenant, `${tenant}-inner`]).flat()),
    );
    expect(currentTenant()).toBeUndefined();
  });

  it('keeps in mind which loads it is called from', () => {
    const loading = { redisKey: 'k', outer: undefined };
    const seen = tenantStorage().run({ tenant: 'a', loading }, () =>
      runWithTenant('b', () => tenantStorage().getStore()),
    );
    expect(seen).toEqual({ tenant: 'b', loading });
  });

  it.each(NOT_A_TENANT)('refuses %p and does not run the function', (tenant, problem) => {
    const fn = jest.fn(currentTenant);
    expect(() => runWithTenant(tenant as string, fn)).toThrow(refusalOf(problem));
    expect(fn).not.toHaveBeenCalled();
  });

  it.each(['0', ' ', '*', '__proto__', 'null', 'a/b', 'ü', '\u0000', 'x'.repeat(10_000)])(
    'takes %j for a tenant like any other',
    (tenant) => {
      expect(runWithTenant(tenant, currentTenant)).toBe(tenant);
    },
  );
});

describe('setTenant', () => {
  it('fills the scope that was opened before the tenant was known', async () => {
    const seen = await runInTenantScope(async () => {
      const before = currentTenant();
      await setImmediate();
      setTenant('acme');
      await setImmediate();
      return [before, currentTenant()];
    });
    expect(seen).toEqual([undefined, 'acme']);
  });

  it('is seen by all who run in that scope, also by those who began before', async () => {
    const gate = new Gate();
    const seen = runInTenantScope(async () => {
      const waiting = gate.pass().then(currentTenant);
      setTenant('acme');
      gate.open();
      return waiting;
    });
    expect(await seen).toBe('acme');
  });

  it('changes neither an outer scope nor one beside it', () => {
    const beside = runWithTenant('outer', () => {
      runInTenantScope(() => {
        setTenant('inner');
      });
      return [currentTenant(), runInTenantScope(currentTenant)];
    });
    expect(beside).toEqual(['outer', undefined]);
  });

  it('is refused where no scope is open, with what to do about it', () => {
    expect(() => {
      setTenant('acme');
    }).toThrow(TenantScopeMissingError);
  });

  it.each(NOT_A_TENANT)('refuses %p and leaves the tenant that is set', (tenant, problem) => {
    runWithTenant('acme', () => {
      expect(() => {
        setTenant(tenant as string);
      }).toThrow(refusalOf(problem));
      expect(currentTenant()).toBe('acme');
    });
  });
});

describe('assertTenant', () => {
  it('gives back a tenant', () => {
    expect(assertTenant('acme')).toBe('acme');
  });

  it('names the problem and what to pass instead', () => {
    expect(() => assertTenant('')).toThrow(
      new Error(
        'Cannot make a cache key: tenant is an empty string. ' +
          `Pass the organization's id as a non-empty string.`,
      ),
    );
  });
});
