/**
 * Gathers the changesets: the version they come to goes into the manifests of the workspace and of the
 * library, what they say into CHANGELOG.md.
 *
 *     node tools/version.mjs
 *
 * Changesets takes the repository for one package, as it is no workspace of npm.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const LIBRARY = path.join(ROOT, 'libs/redis-cache/package.json');

execFileSync('npx', ['changeset', 'version'], { cwd: ROOT, stdio: 'inherit' });
const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const manifest = readFileSync(LIBRARY, 'utf8');
writeFileSync(LIBRARY, manifest.replace(/("version": ")[^"]+/, `$1${version}`));
execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], { cwd: ROOT });
console.log(`The version is ${version}.`);
