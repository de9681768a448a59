import type {
  AdminEvents,
  AdminProblem,
  AdminRolloutChanged,
  AdminRollouts,
} from 'nestjs-redis-cache/admin';
import { ADAPTERS, AdminApps, type AdminApp } from './support/admin-app.js';
import { ownPrefix } from '../support/cache-apps.js';

// On a busy machine an application takes long to boot.
jest.setTimeout(30_000);

const FULLY_ON = { mode: 'on', percent: 100, tenants: [] };

describe.each(ADAPTERS)('the rollouts of /admin on %s', (http) => {
  const apps = new AdminApps();

  const boot = (prefix = ownPrefix()): Promise<AdminApp> =>
    apps.boot({
      http,
      tier: 'redis',
      cache: {
        prefix,
        caches: { lead: {}, settings: { scope: 'global' }, dark: { enabled: false } },
      },
    });

  it('are told and changed, for all processes, and reset', async () => {
    const prefix = ownPrefix();
    const [app, other] = [await boot(prefix), await boot(prefix)];
    const dark = expect.objectContaining({ cache: 'dark', state: { mode: 'off' } }) as object;
    const initial = await app.call<AdminRollouts>('operator', 'GET', 'rollouts');
    expect(initial.body.rollouts).toEqual([
      dark,
      expect.objectContaining({ cache: 'default' }),
      { cache: 'lead', state: FULLY_ON, configured: FULLY_ON, overridden: false, version: 0 },
      expect.objectContaining({ cache: 'settings', state: FULLY_ON }),
    ]);
    const heard = new Promise((resolve) => other.caches.on('rollout', resolve));
    const body = { cache: 'lead', percent: 25, tenants: ['acme'], version: 0 };
    expect(await app.call<AdminRolloutChanged>('operator', 'PUT', 'rollouts', body)).toMatchObject({
      status: 200,
      body: {
        cache: 'lead',
        state: { mode: 'on', percent: 25, tenants: ['acme'] },
        configured: FULLY_ON,
        overridden: true,
        version: 1,
        shared: true,
      },
    });
    await heard;
    const there = await other.call<AdminRollouts>('operator', 'GET', 'rollouts');
    expect(there.body.rollouts[2]).toMatchObject({
      cache: 'lead',
      version: 1,
      state: { percent: 25 },
    });
    const { body: reset } = await app.call<AdminRolloutChanged>(
      'operator',
      'DELETE',
      'rollouts?cache=lead',
    );
    expect(reset).toMatchObject({ state: FULLY_ON, overridden: false, version: 2, shared: true });
    const { body: told } = await app.call<AdminEvents>('operator', 'GET', 'events');
    expect(told.events.filter(({ type }) => type === 'rollout')).toMatchObject([
      {
        cache: 'lead',
        summary:
          'Rollout on for 100 % → on for 25 % and 1 tenants by name, version 1, by this process',
      },
      {
        cache: 'lead',
        summary:
          'Rollout on for 25 % and 1 tenants by name → on for 100 %, version 2, by this process',
      },
    ]);
    const { body: tenants } = await app.call<AdminEvents>({ tenant: 'acme' }, 'GET', 'events');
    expect(tenants.events.filter(({ type }) => type === 'rollout')).toEqual([]);
  });

  it('are not changed for a version that is over', async () => {
    const app = await boot();
    await app.call('operator', 'PUT', 'rollouts', { cache: 'lead', mode: 'off' });
    const body = { cache: 'lead', percent: 50, version: 0 };
    const answer = await app.call<AdminProblem>('operator', 'PUT', 'rollouts', body);
    expect(answer).toMatchObject({ status: 409, body: { errors: [{ field: 'version' }] } });
    expect(answer.body.detail).toContain('has version 1; the change was made for version 0');
    const { body: now } = await app.call<AdminRollouts>('operator', 'GET', 'rollouts');
    expect(now.rollouts[2]).toMatchObject({ state: { mode: 'off' }, version: 1 });
  });

  it.each([
    [{ cache: 'none', mode: 'off' }, 404, 'cache'],
    [{ mode: 'off' }, 400, 'cache'],
    [{ cache: 'lead' }, 400, 'mode'],
    [{ cache: 'lead', mode: 'dark' }, 400, 'mode'],
    [{ cache: 'lead', percent: '10' }, 400, 'percent'],
    [{ cache: 'lead', percent: 101 }, 400, 'percent'],
    [{ cache: 'settings', percent: 10 }, 400, 'percent'],
    [{ cache: 'settings', tenants: ['acme'] }, 400, 'tenants'],
    [{ cache: 'lead', tenants: 'acme' }, 400, 'tenants'],
    [{ cache: 'lead', mode: 'off', version: '1' }, 400, 'version'],
    [{ cache: 'lead', mode: 'off', tenant: 'acme' }, 400, 'tenant'],
  ])('refuse %j', async (body, status, field) => {
    const app = await boot();
    const answer = await app.call('operator', 'PUT', 'rollouts', body);
    expect(answer).toMatchObject({ status, body: { errors: [{ field }] } });
    const { body: now } = await app.call<AdminRollouts>('operator', 'GET', 'rollouts');
    expect(now.rollouts.filter(({ overridden }) => overridden)).toEqual([]);
  });
});
