import { TenantMissingError } from '../errors/tenant-missing.error.js';
import { runInTenantScope, runWithTenant } from './tenant-context.js';
import { TenantResolver } from './tenant-resolver.js';
import { tenantStorage } from './tenant-scope.js';

const operation = () => "get in the cache 'lead'";

describe('TenantResolver', () => {
  describe('knows the tenant here', () => {
    it('from the context before the resolver of the app, which is not even asked', () => {
      const resolve = jest.fn(() => 'resolved');
      const tenants = new TenantResolver(resolve);
      expect(runWithTenant('scoped', () => tenants.current())).toBe('scoped');
      expect(resolve).not.toHaveBeenCalled();
    });

    it('from the resolver where no scope is open, or one that is still empty', () => {
      const tenants = new TenantResolver(() => 'resolved');
      expect(tenants.current()).toBe('resolved');
      expect(runInTenantScope(() => tenants.current())).toBe('resolved');
    });

    it('anew at every call', () => {
      let tenant: string | undefined = 'a';
      const tenants = new TenantResolver(() => tenant);
      const seen = [tenants.current()];
      tenant = undefined;
      seen.push(tenants.current());
      tenant = 'b';
      expect([...seen, tenants.current()]).toEqual(['a', undefined, 'b']);
    });

    it('to be none, where neither says one', () => {
      expect(new TenantResolver().current()).toBeUndefined();
      expect(new TenantResolver(() => undefined).current()).toBeUndefined();
    });

    it('to be none in the load of a global cache, whatever surrounds it', () => {
      const resolve = jest.fn(() => 'resolved');
      const tenants = new TenantResolver(resolve);
      const inLoad = () => tenantStorage().run({ tenant: null }, () => tenants.current());
      expect(runWithTenant('outer', inLoad)).toBeUndefined();
      expect(resolve).not.toHaveBeenCalled();
    });

    it.each([
      ['', 'is an empty string'],
      [null, 'is of type null'],
      [7, 'is of type number'],
    ])('to be a mistake where the resolver returns %p', (tenant, problem) => {
      const tenants = new TenantResolver(() => tenant as string);
      expect(() => tenants.current()).toThrow(
        `Cannot make a cache key: tenant ${problem}. ` +
          `Pass the organization's id as a non-empty string.`,
      );
    });

    it('or lets pass what the resolver throws', () => {
      const error = new Error('no request here');
      const tenants = new TenantResolver(() => {
        throw error;
      });
      expect(() => tenants.current()).toThrow(error);
    });
  });

  describe('decides whose an entry is', () => {
    const tenants = new TenantResolver(() => 'resolved');

    it('by the explicit tenant first, then the context, then the resolver', () => {
      const owner = (explicit?: string) => tenants.ownerOf('tenant', explicit, operation);
      expect(runWithTenant('scoped', () => owner('explicit'))).toBe('explicit');
      expect(runWithTenant('scoped', () => owner())).toBe('scoped');
      expect(owner()).toBe('resolved');
    });

    it('to be nobody in a global cache, whatever is said', () => {
      const owner = () => tenants.ownerOf('global', 'explicit', operation);
      expect(runWithTenant('scoped', owner)).toBeNull();
    });

    it('to be an error where a tenant is needed and none is known', () => {
      const name = jest.fn(operation);
      const owner = () => new TenantResolver().ownerOf('tenant', undefined, name);
      expect(owner).toThrow(TenantMissingError);
      expect(owner).toThrow(/^get in the cache 'lead' needs a tenant, and none is set here\. Run/);
    });

    it('and names the operation only for that error', () => {
      const name = jest.fn(operation);
      tenants.ownerOf('tenant', undefined, name);
      tenants.ownerOf('global', undefined, name);
      expect(name).not.toHaveBeenCalled();
    });

    it.each(['', 5 as unknown as string])('never by an explicit tenant that is %p', (explicit) => {
      const owner = () => tenants.ownerOf('tenant', explicit, operation);
      expect(() => runWithTenant('scoped', owner)).toThrow('Cannot make a cache key: tenant is');
    });
  });
});
