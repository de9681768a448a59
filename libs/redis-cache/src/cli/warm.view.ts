import type { WarmOutcome } from '../cache/warm-progress.js';
import { count, span } from './figures.js';
import type { Colour } from './paint.js';
import type { Look } from './printer.js';
import { table } from './table.js';
import { cut, printable } from './text.js';
import type { WarmCommandReport, WarmerReport } from './warm.report.js';

const OUTCOMES: Readonly<Record<WarmOutcome, readonly [Colour, string]>> = {
  warmed: ['green', 'warmed'],
  recent: ['green', 'was warmed just now'],
  elsewhere: ['yellow', 'another process is at it'],
  away: ['red', 'Redis is away'],
  failed: ['red', 'failed'],
  lost: ['red', 'lost to another process'],
  stopped: ['red', 'stopped'],
};

export function warmView({ warmers, durationMs }: WarmCommandReport, look: Look): string[] {
  const columns = [
    { title: 'warmer' },
    { title: 'outcome' },
    { title: 'steps', align: 'right' },
    { title: 'failed', align: 'right' },
    { title: 'took', align: 'right' },
  ] as const;
  const rows = warmers.map(({ warmer, outcome, done, failed, durationMs: tookMs }) => {
    const [colour, text] = OUTCOMES[outcome];
    return [printable(warmer), look.paint(colour, text), count(done), count(failed), span(tookMs)];
  });
  return [
    ...table(columns, rows, look),
    ...warmers.flatMap((warmer) => errorLine(warmer, look)),
    `All of it took ${span(durationMs)}.`,
  ];
}

function errorLine({ warmer, error }: WarmerReport, { width }: Look): string[] {
  return error === null ? [] : [cut(`${printable(warmer)}: ${printable(error)}`, width)];
}
