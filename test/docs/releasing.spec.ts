import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { entryPoints } from '../../tools/package/entry-points.js';
import { read, ROOT } from './markdown.js';

interface Manifest {
  readonly version: string;
}

const workspace = JSON.parse(read('package.json')) as Manifest;
const library = JSON.parse(read('libs/redis-cache/package.json')) as Manifest;

describe('what releasing rests on', () => {
  it('is one version for the workspace, which changesets raise, and the library', () => {
    expect(workspace.version).toBe(library.version);
  });

  it('is a changelog that begins with its heading alone, as new versions are put below it', () => {
    expect(read('CHANGELOG.md')).toMatch(/^# Changelog\n\n## /);
  });

  it('is a report of what is public for each entry point, and for nothing else', () => {
    expect(readdirSync(join(ROOT, 'api')).sort()).toEqual(
      ['index', ...entryPoints()].map((name) => `${name}.public.api.md`).sort(),
    );
  });
});
