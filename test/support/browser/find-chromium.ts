import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The path of a Chromium: that of the variable CHROMIUM, else the first on `PATH`. */
export function findChromium(): string | undefined {
  const stated = process.env.CHROMIUM;
  if (stated !== undefined && stated !== '') return stated;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/**
 * Whether tests can have a browser. On a developer's machine they are skipped where there is none;
 * where `CI=true` that is an error, for a skipped test proves nothing.
 */
export function hasChromium(): boolean {
  if (findChromium() !== undefined) return true;
  const remedy = 'No chromium is on PATH: install it, or say where it is in CHROMIUM.';
  if (process.env.CI === 'true') throw new Error(remedy);
  console.warn(`${remedy} Tests of the dashboard in a browser are skipped.`);
  return false;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not to be run
  }
}
