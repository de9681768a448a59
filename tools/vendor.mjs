/**
 * Copies what the dashboard draws its charts with from the npm package, under its licence, so that the
 * page needs neither a build nor another server:
 *
 *     npm run vendor [-- --out <folder>]
 *
 * A test fails where the copy is not what this makes of the version in package.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '..');
const UPLOT = path.join(ROOT, 'node_modules/uplot');
const DASHBOARD = 'libs/redis-cache/src/admin/dashboard';

const { values } = parseArgs({ options: { out: { type: 'string', default: DASHBOARD } } });
const out = path.resolve(ROOT, values.out);

const { version } = JSON.parse(read('package.json'));
const notice = [`uPlot ${version}, https://github.com/leeoniya/uPlot`, '', read('LICENSE').trim()];
const comment = `/*!\n${notice
  .flatMap((part) => part.split('\n'))
  .map((line) => ` * ${line}`.trimEnd())
  .join('\n')}\n */\n`;

const script = read('dist/uPlot.iife.min.js').trim();
writeFileSync(
  path.join(out, 'uplot.js'),
  `${comment}// @ts-nocheck\n${script}\nexport default uPlot;\n`,
);
writeFileSync(path.join(out, 'uplot.css'), comment + read('dist/uPlot.min.css').trim() + '\n');

function read(file) {
  return readFileSync(path.join(UPLOT, file), 'utf8').replaceAll('\r\n', '\n');
}
