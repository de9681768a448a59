import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { inMode } from '../integration/support/cache-app.js';
import { hasChromium } from '../support/browser/find-chromium.js';
import { launchBrowser } from '../support/browser/launch-browser.js';
import { hasRedisBinary } from '../support/redis/redis-server.js';
import { DashboardApp, HOSTILE } from './support/dashboard-app.js';
import { Visit } from './support/visit.js';

jest.setTimeout(20_000);

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const describeInBrowser = hasChromium() && hasRedisBinary() ? describe : describe.skip;

describeInBrowser('the dashboard, in a browser', () => {
  let app: DashboardApp;
  let browser: Browser;
  let visit: Visit;

  beforeAll(async () => {
    [app, browser] = await Promise.all([DashboardApp.start(), launchBrowser()]);
    const leads = app.caches.forTenant('acme').cache('lead');
    await leads.wrap('ada', () => ({ name: 'Ada' }));
    await leads.wrap('ada', () => ({ name: 'Ada' }));
    await app.caches.forTenant('globex').cache('lead').set('bob', { name: 'Bob' });
  });

  afterAll(async () => {
    await browser.close();
    await app.stop();
  });

  afterEach(async () => {
    expect(visit.complaints).toEqual([]);
    await visit.end();
  });

  async function enter(key: string, options?: BrowserContextOptions): Promise<Visit> {
    visit = await Visit.begin(browser, app, options);
    await visit.signIn(key);
    await visit.says('Well', 5_000);
    return visit;
  }

  it('tells an operator how the cache is, and what it does', async () => {
    const { page } = await enter('operator-key');
    expect(await page.title()).toBe('Cache: well');
    expect(await page.locator('#who').textContent()).toBe('Operator');
    expect(await page.locator('#parts').innerText()).toMatch(
      /Connection\nready, .*\nBreaker\nclosed\nBus\nproven.*\nJournal\n0 waiting/,
    );
    expect(await page.locator('#numbers').innerText()).toMatch(/Hit rate\n50\.0 %/);
    const lead = page.locator('#caches tr', { has: page.getByText('lead', { exact: true }) });
    await lead.waitFor();
    expect(await lead.locator('td').nth(2).textContent()).toBe('50.0 %');
    await page.locator('#server', { hasText: 'Version' }).waitFor();
    expect(await page.locator('.plot canvas').count()).toBe(3);
    expect(await page.locator('#tenants').innerText()).toContain('acme');
  });

  it('says within two seconds that Redis was killed, and that it is back', async () => {
    const { page } = await enter('operator-key');
    await app.redis.kill();
    await visit.says('Redis is away');
    expect(await page.locator('#state').getAttribute('data-level')).toBe('outage');
    expect(await page.getByRole('alert').textContent()).toMatch(/^Redis is away\. /);
    expect(await page.title()).toBe('Cache: Redis is away');
    await app.redis.restart();
    await visit.says('Well', 10_000);
    await page.locator('#events', { hasText: 'to ready' }).waitFor();
  });

  it('says within two seconds that Redis hangs', async () => {
    await enter('operator-key');
    app.redis.pause();
    try {
      const reading = app.caches.forTenant('acme').cache('lead');
      const reads = Array.from({ length: 10 }, (_, at) => reading.get(`other-${at}`));
      await visit.says('Redis is away');
      await Promise.all(reads);
    } finally {
      app.redis.resume();
    }
    await visit.says('Well', 10_000);
  });

  it('says within two seconds that it hears nothing any more, and hears again', async () => {
    const { page } = await enter('operator-key');
    app.network.cut();
    await visit.says('Not connected');
    expect(await page.locator('#state').getAttribute('data-level')).toBe('blind');
    expect(await page.locator('#detail').textContent()).toContain('All figures below are old.');
    app.network.heal();
    await visit.says('Well', 10_000);
  });

  it('says within two seconds that nothing comes over a connection that still stands', async () => {
    await enter('operator-key');
    app.network.swallow('toClient');
    await visit.says('Not connected');
    app.network.heal();
  });

  it('looks up, explains and evicts an entry by the keyboard alone', async () => {
    // Else it is kept in the process alone, and not for long.
    await inMode(app.caches, 'redis');
    await app.caches.forTenant('acme').cache('lead').set('ada', { name: 'Ada' });
    const { page } = await enter('operator-key');
    const focused = () => page.evaluate<string>('document.activeElement.id');
    const tabTo = async (id: string) => {
      for (let steps = 0; steps < 60 && (await focused()) !== id; steps++) {
        await page.keyboard.press('Tab');
      }
      expect(await focused()).toBe(id);
    };
    await page.locator('#lookup-cache option', { hasText: 'lead' }).waitFor({ state: 'attached' });
    await tabTo('to-lookup');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('lookup-cache');
    await page.keyboard.type('lead');
    await tabTo('lookup-tenant');
    await page.keyboard.type('acme');
    await tabTo('lookup-key');
    await page.keyboard.type('ada');
    await tabTo('lookup-value');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await page.locator('.outlook', { hasText: 'A read hits' }).waitFor();
    expect(await page.getByRole('region', { name: 'Value' }).textContent()).toContain('"Ada"');

    const confirmed = page.getByRole('dialog');
    await tabTo('evict');
    await page.keyboard.press('Enter');
    await confirmed.waitFor();
    expect(await confirmed.innerText()).toMatch(/Tenant\s+acme\s+Cache\s+lead\s+Key\s+ada/);
    expect(await focused()).toBe('confirm-no');
    await page.keyboard.press('Escape');
    await confirmed.waitFor({ state: 'hidden' });
    expect(await focused()).toBe('evict');
    expect(await app.caches.forTenant('acme').cache('lead').exists('ada')).toBe(true);

    await page.keyboard.press('Enter');
    await tabTo('confirm-yes');
    await page.keyboard.press('Enter');
    await page.locator('#lookup-status', { hasText: 'Evicted.' }).waitFor();
    expect(await page.locator('.outlook').textContent()).toContain('A read misses');
    expect(await app.caches.forTenant('acme').cache('lead').exists('ada')).toBe(false);
    await page.locator('#events', { hasText: 'An entry was evicted' }).waitFor();
  });

  it('tells for whom caches are used, and changes that', async () => {
    const { page } = await enter('operator-key');
    const row = page.locator('#rollouts tr', { has: page.getByText('settings', { exact: true }) });
    await row.getByText('the options').waitFor();
    const dialog = page.getByRole('dialog');
    const change = async (choose: () => Promise<unknown>) => {
      await page.getByRole('button', { name: 'Change the rollout of settings' }).click();
      expect(await dialog.getByRole('heading').textContent()).toBe('Who uses settings?');
      await choose();
      await dialog.waitFor({ state: 'hidden' });
    };
    const press = (name: string) => dialog.getByRole('button', { name }).click();
    await change(() => press('Leave it'));
    await change(async () => {
      expect(await dialog.getByRole('button', { name: 'As the options say' }).isVisible()).toBe(
        false,
      );
      await dialog.getByRole('radio', { name: 'Off' }).check({ force: true });
      expect(await dialog.getByLabel('Percent of all tenants').isVisible()).toBe(false);
      await press('Change');
    });
    await page.locator('#rollout-status', { hasText: 'settings is off.' }).waitFor();
    await row.getByText('change 1').waitFor();
    await page.locator('#events', { hasText: 'Rollout on for 100 % → off' }).waitFor();
    // A global cache has no tenants that a part of could be taken in.
    await change(async () => {
      await dialog.getByRole('radio', { name: 'On' }).check({ force: true });
      await dialog.getByLabel('Percent of all tenants').fill('12.5');
      await dialog.getByLabel('Tenants in any case').fill('acme\n globex \n');
      await press('Change');
    });
    await page.locator('#rollout-status[data-tone=bad]', { hasText: 'percent' }).waitFor();
    await change(() => press('As the options say'));
    await page.locator('#rollout-status', { hasText: 'settings is on.' }).waitFor();
    const service = app.rollout.get('settings');
    expect(service).toMatchObject({ overridden: false, version: 2 });
  });

  it('shows names as text, whatever is in them', async () => {
    const hostile = app.caches.forTenant(HOSTILE).cache(HOSTILE);
    await hostile.wrap(HOSTILE, () => HOSTILE);
    await hostile.wrap(HOSTILE, () => HOSTILE);
    await hostile.wrap(`${HOSTILE} fails`, () => Promise.reject(new Error(HOSTILE))).catch(() => 0);
    const { page } = await enter('operator-key');
    await page.locator('#caches', { hasText: HOSTILE }).waitFor();
    await page.locator('#tenants', { hasText: HOSTILE }).waitFor();
    await page.locator('#events', { hasText: 'A load failed' }).waitFor();
    await page.locator('#loads button').first().waitFor();
    await page.getByLabel('Cache', { exact: true }).selectOption(HOSTILE);
    await page.getByLabel('Tenant', { exact: true }).fill(HOSTILE);
    await page.getByRole('textbox', { name: 'Key' }).fill(HOSTILE);
    await page.getByLabel('With its value').check();
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByRole('button', { name: 'Evict this entry' }).click();
    expect(await page.getByRole('dialog').innerText()).toContain(HOSTILE);
    expect(await page.locator('img, script:not([src])').count()).toBe(0);
    expect(await page.title()).toBe('Cache: well');
  });

  it('shows a tenant what is its own, and nothing else', async () => {
    const { page } = await enter('acme-key');
    expect(await page.locator('#who').textContent()).toBe('Tenant acme');
    await page.locator('#lookup-cache option', { hasText: 'lead' }).waitFor({ state: 'attached' });
    expect(await page.getByLabel('Tenant', { exact: true }).isVisible()).toBe(false);
    await page.getByLabel('Cache', { exact: true }).selectOption('lead');
    await page.getByRole('textbox', { name: 'Key' }).fill('bob');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.locator('.outlook', { hasText: 'A read misses' }).waitFor();
    expect(await page.locator('main').innerText()).not.toMatch(/globex|settings/);
    expect(await page.locator('#caches').isVisible()).toBe(false);
  });

  it('asks for another key where one is refused, and forgets it when told to', async () => {
    visit = await Visit.begin(browser, app);
    const { page } = visit;
    await page.locator('#credential').waitFor();
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.locator('#sign-in-why', { hasText: 'Nobody has this key' }).waitFor();
    await visit.signIn('operator-key');
    await visit.says('Well', 5_000);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('#sign-in-why', { hasText: 'You have signed out' }).waitFor();
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('operator-key');
  });

  it('is light or dark as the system is, until somebody chooses', async () => {
    const { page } = await enter('operator-key', { colorScheme: 'dark' });
    const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const dark = await ground();
    await page.getByRole('button', { name: 'Theme: auto' }).click();
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    await visit.says('Well', 5_000);
    expect(await ground()).toBe(light);
    await page.getByRole('button', { name: 'Theme: light' }).click();
    expect(await ground()).toBe(dark);
  });

  it.each(['light', 'dark'] as const)(
    'has no fault that axe knows of, and no more width than a phone has, in %s colours',
    async (colorScheme) => {
      const options = { colorScheme, viewport: { width: 360, height: 740 }, bypassCSP: true };
      const { page } = await enter('operator-key', options);
      await page.locator('#loads button').first().waitFor();
      await page.getByLabel('Cache', { exact: true }).selectOption('lead');
      await page.getByLabel('Tenant', { exact: true }).fill('globex');
      await page.getByRole('textbox', { name: 'Key' }).fill('bob');
      await page.getByRole('button', { name: 'Explain' }).click();
      await page.locator('.outlook').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      await page.evaluate(AXE);
      const faults = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
        'axe.run().then(({ violations }) => violations)',
      );
      expect(faults.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    },
  );
});
