import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { DashboardApp } from './dashboard-app.js';

/** How long the page may take to say that something is wrong. */
const PROMISE_MS = 2_000;

/** Somebody who has opened the dashboard. */
export class Visit {
  /** What the browser refused or did not understand. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    page.on('console', (said) => {
      // That something cannot be reached is part of the outages here.
      const isAboutNetwork = said.text().startsWith('Failed to load resource');
      if (said.type() === 'error' && !isAboutNetwork) this.complaints.push(said.text());
    });
  }

  static async begin(
    browser: Browser,
    app: DashboardApp,
    options: BrowserContextOptions = {},
  ): Promise<Visit> {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    const visit = new Visit(page);
    await page.goto(app.url);
    return visit;
  }

  /** As somebody does who has no mouse. */
  async signIn(key: string): Promise<void> {
    await this.page.locator('#credential').waitFor();
    await this.page.keyboard.type(key);
    await this.page.keyboard.press('Enter');
    await this.page.locator('#board').waitFor();
  }

  /** Resolves once the page says this. */
  async says(headline: string, timeout = PROMISE_MS): Promise<void> {
    await this.page.locator('#headline', { hasText: headline }).waitFor({ timeout });
  }

  async end(): Promise<void> {
    await this.page.context().close();
  }
}
