import type { InitReport } from './init.report.js';
import type { Look } from './printer.js';
import { facts } from './table.js';
import { printable, wrapText } from './text.js';

const EXAMPLE = [
  `import { Cacheable } from 'nestjs-redis-cache';`,
  ``,
  `@Cacheable('quote', { ttl: '10m', scope: 'global' })`,
  `async quote(symbol: string) { … }`,
];

export function initView(report: InitReport, look: Look): string[] {
  const { width, paint } = look;
  const { module, files } = report;
  if (files.length === 0) {
    const all = `All is there: ${printable(module)} imports the cache. Nothing was changed.`;
    return [...wrapText(paint('green', all), width), ...installLines(report, look)];
  }
  const rows = files.map(
    ({ path, change, what }) => [printable(path), `${change}: ${what}`] as const,
  );
  return [
    ...facts(rows, look),
    ...installLines(report, look),
    '',
    ...wrapText('Its options come from the environment: .env.example names the variables.', width),
    ...wrapText('Now decorate a method that is slow, of a provider or a controller:', width),
    '',
    ...EXAMPLE.map((line) => `  ${line}`.trimEnd()),
    '',
    ...wrapText(
      'Once in ten minutes it runs for each symbol, for everybody. Without a scope, every tenant has entries of its own.',
      width,
    ),
    ...wrapText('redis-cache validate says whether your Redis is set up well for it.', width),
  ];
}

/** The changes as a patch, which `git apply` takes. */
export function diffView({ files }: InitReport, { paint }: Look): string[] {
  return files
    .flatMap(({ diff }) => diff?.split('\n').slice(0, -1) ?? [])
    .map((line) => {
      if (/^(?:---|\+\+\+) /.test(line)) return paint('bold', line);
      if (line.startsWith('+')) return paint('green', line);
      if (line.startsWith('-')) return paint('red', line);
      return line.startsWith('@@') ? paint('cyan', line) : line;
    });
}

function installLines({ install }: InitReport, { paint }: Look): string[] {
  if (install === null) return [];
  return ['', 'Packages are missing. Install them:', '', `  ${paint('bold', install)}`];
}
