import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../support/browser/launch-browser.js';
import { NOW_MS, OUTAGES } from './cast.js';
import { serve } from './stage.js';
import { storyOf } from './story.js';

// Takes the pictures of the dashboard that the documents show. They come from a story, so they are the
// same until the page changes.

interface Shot {
  readonly name: string;
  readonly story: keyof typeof OUTAGES;
  readonly scheme: 'light' | 'dark';
  readonly width: number;
  /** Cut off there; the whole page if undefined. */
  readonly height?: number;
  /** Of what part of the page. */
  readonly part?: string;
}

const SHOTS: readonly Shot[] = [
  { name: 'well-light', story: 'well', scheme: 'light', width: 1440, height: 880 },
  { name: 'well-dark', story: 'well', scheme: 'dark', width: 1440, height: 880 },
  { name: 'outage-light', story: 'outage', scheme: 'light', width: 1440, height: 690 },
  { name: 'entry-light', story: 'well', scheme: 'light', width: 1440, part: '#lookup' },
  { name: 'phone-light', story: 'well', scheme: 'light', width: 390, height: 1000 },
  { name: 'phone-dark', story: 'outage', scheme: 'dark', width: 390, height: 1000 },
];

const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: 'docs/dashboard' },
    format: { type: 'string', default: 'webp' },
    only: { type: 'string' },
  },
});

async function main(): Promise<void> {
  await mkdir(options.out, { recursive: true });
  const browser = await launchBrowser();
  for (const shot of SHOTS) {
    if (options.only === undefined || shot.name.includes(options.only)) await take(browser, shot);
  }
  await browser.close();
}

async function take(browser: Browser, shot: Shot): Promise<void> {
  const { story, scheme, width, height = 900, part } = shot;
  const stage = await serve(storyOf(OUTAGES[story]));
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  await page.clock.install({ time: NOW_MS - 60_000 });
  await page.clock.pauseAt(NOW_MS);
  await page.goto(stage.url);
  await page.locator('#events tbody tr').first().waitFor();
  await page.locator('#server dd').first().waitFor();
  if (part !== undefined) await lookUp(page);
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  const file = join(options.out, `${shot.name}.${options.format}`);
  await writeFile(file, await picture(page, shot));
  await context.close();
  stage.close();
}

async function lookUp(page: Page): Promise<void> {
  await page.getByLabel('Cache', { exact: true }).selectOption('lead.byPhone');
  await page.getByLabel('Tenant', { exact: true }).fill('acme');
  await page.getByRole('textbox', { name: 'Key' }).fill('+15557204418');
  await page.getByLabel('With its value').check();
  await page.getByRole('button', { name: 'Explain' }).click();
  await page.getByRole('button', { name: 'Evict this entry' }).waitFor();
}

/** WebP is a third of PNG here; only the browser's own protocol can make it. */
async function picture(page: Page, { width, height, part }: Shot): Promise<Buffer> {
  const box = part === undefined ? undefined : await page.locator(part).boundingBox();
  const full = await page.evaluate<number>('document.documentElement.scrollHeight');
  const top = await page.evaluate<number>('window.scrollY');
  const clip = box ? { ...box, y: box.y + top } : { x: 0, y: 0, width, height: height ?? full };
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', {
    format: options.format as 'webp' | 'png',
    ...(options.format === 'webp' && { quality: 82 }),
    captureBeyondViewport: true,
    clip: { ...clip, scale: 1 },
  });
  return Buffer.from(data, 'base64');
}

void main();
