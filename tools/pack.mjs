/**
 * Builds the library as it is published, checks it with publint and packs it:
 *
 *     node tools/pack.mjs [--out <folder>]     (default: dist)
 *
 * All is put together in a temporary folder, so the sources stay free of copies.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const ROOT = path.resolve(import.meta.dirname, '..');
const LIBRARY = path.join(ROOT, 'libs/redis-cache');
/** Kept once for the whole repository, and part of the package. */
const DOCUMENTS = ['README.md', 'LICENSE', 'CHANGELOG.md'];
/** The page of the dashboard, which browsers run as it is. */
const PAGE = 'admin/dashboard';
const PAGE_FILE = /\.(?:html|css|js|svg)$/;

const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } });
const out = path.resolve(ROOT, values.out);

const staging = mkdtempSync(path.join(tmpdir(), 'nestjs-redis-cache-'));
try {
  compile(path.join(staging, 'dist'));
  copyPage(path.join(staging, 'dist', PAGE));
  cpSync(path.join(LIBRARY, 'package.json'), path.join(staging, 'package.json'));
  for (const name of DOCUMENTS) cpSync(path.join(ROOT, name), path.join(staging, name));
  await check(staging);
  mkdirSync(out, { recursive: true });
  run('npm', ['pack', staging, '--pack-destination', out, '--silent']);
} finally {
  rmSync(staging, { recursive: true });
}

/** Without source maps: the package does not contain the sources they would point to. */
function compile(outDir) {
  const project = path.join(LIBRARY, 'tsconfig.lib.json');
  const options = ['--outDir', outDir, '--sourceMap', 'false'];
  run('node', [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project, ...options]);
}

function copyPage(outDir) {
  const folder = path.join(LIBRARY, 'src', PAGE);
  for (const name of readdirSync(folder).filter((each) => PAGE_FILE.test(each))) {
    cpSync(path.join(folder, name), path.join(outDir, name));
  }
}

/** Every message counts, suggestions too. */
async function check(pkgDir) {
  const manifest = JSON.parse(readFileSync(path.join(pkgDir, 'package.json'), 'utf8'));
  const { messages } = await publint({ pkgDir, strict: true, pack: 'npm' });
  for (const message of messages) console.error(formatMessage(message, manifest));
  if (messages.length > 0) throw new Error(`publint found ${messages.length} problem(s).`);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${path.basename(args[0])} failed (${status}).`);
}
