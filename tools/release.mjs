/**
 * Packs the library and publishes it to npm, with provenance:
 *
 *     node tools/release.mjs --tag v1.2.3 [--dry-run]
 *
 * Refuses before anything is built where the tag, the manifests and the changelog do not agree.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '..');

const { values } = parseArgs({
  options: { tag: { type: 'string' }, 'dry-run': { type: 'boolean', default: false } },
});

const library = manifestOf('libs/redis-cache/package.json');
const problems = problemsOf(library, values.tag);
if (problems.length > 0) {
  console.error(`Nothing is published:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
  process.exit(1);
}

const folder = mkdtempSync(path.join(tmpdir(), 'nestjs-redis-cache-'));
run('npm', ['run', '--silent', 'pack', '--', '--out', folder]);
const [tarball = ''] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
const mode = values['dry-run'] ? ['--dry-run'] : ['--provenance'];
run('npm', ['publish', path.join(folder, tarball), '--access', 'public', ...mode]);

function problemsOf({ version, repository }, tag) {
  const changelog = readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8');
  const checks = [
    [
      tag === `v${version}`,
      `the tag is ${tag ?? 'not given'}, the version of the library ${version}`,
    ],
    [
      manifestOf('package.json').version === version,
      'the versions of the workspace and of the library differ: npm run version',
    ],
    [
      changelog.includes(`\n## ${version}\n`),
      `CHANGELOG.md has no section "## ${version}": npm run version`,
    ],
    [
      repository !== undefined,
      'libs/redis-cache/package.json names no repository, which provenance is checked against',
    ],
    [
      unreleased().length === 0,
      `changesets are left that no version has gathered: ${unreleased().join(', ')}`,
    ],
  ];
  return checks.filter(([holds]) => !holds).map(([, problem]) => problem);
}

function unreleased() {
  const files = readdirSync(path.join(ROOT, '.changeset'));
  return files.filter((file) => file.endsWith('.md') && file !== 'README.md');
}

function manifestOf(file) {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
}

function run(command, args) {
  execFileSync(command, args, { cwd: ROOT, stdio: 'inherit' });
}
