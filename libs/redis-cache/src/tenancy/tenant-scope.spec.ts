type TenantContext = typeof import('./tenant-context.js');
type Resolver = typeof import('./tenant-resolver.js');

/** One more copy of the module, as a bundle or a second version in node_modules brings it. */
async function copyOf<M>(load: () => Promise<M>): Promise<M> {
  let copy: M | undefined;
  await jest.isolateModulesAsync(async () => {
    copy = await load();
  });
  return copy as M;
}

const context = (): Promise<TenantContext> => import('./tenant-context.js');
const resolver = (): Promise<Resolver> => import('./tenant-resolver.js');

describe('the tenant scope, with two copies of the package in one process', () => {
  it('is one: a tenant set by the one is seen by the other', async () => {
    const [one, other] = [await copyOf(context), await copyOf(context)];
    expect(one.runWithTenant).not.toBe(other.runWithTenant);
    expect(one.runWithTenant('acme', other.currentTenant)).toBe('acme');
    expect(other.currentTenant()).toBeUndefined();
  });

  it('can be opened by the one and filled by the other', async () => {
    const [one, other] = [await copyOf(context), await copyOf(context)];
    const seen = one.runInTenantScope(() => {
      other.setTenant('acme');
      return one.currentTenant();
    });
    expect(seen).toBe('acme');
  });

  it('decides for the caches of both', async () => {
    const [one, { TenantResolver }] = [await copyOf(context), await copyOf(resolver)];
    const owner = () => new TenantResolver().ownerOf('tenant', undefined, () => 'get');
    expect(one.runWithTenant('acme', owner)).toBe('acme');
  });
});
