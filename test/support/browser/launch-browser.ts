import { chromium, type Browser } from 'playwright-core';
import { findChromium } from './find-chromium.js';

/** A browser without a window. Its sandbox needs what containers do not allow, and our page no sandbox. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: String(findChromium()),
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
}
