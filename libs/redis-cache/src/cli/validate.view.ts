import type { Severity } from './finding.js';
import type { Colour } from './paint.js';
import type { Look } from './printer.js';
import { padEnd, wrapText } from './text.js';
import type { ValidateReport } from './validate.report.js';

const COLOURS: Readonly<Record<Severity, Colour>> = {
  ok: 'green',
  info: 'cyan',
  warning: 'yellow',
  error: 'red',
};
const LONGEST_SEVERITY = 'warning'.length;
const INDENT = '  ';

export function validateView(
  { redis, prefix, severity, findings }: ValidateReport,
  look: Look,
): string[] {
  const { width, paint } = look;
  const room = Math.max(width - LONGEST_SEVERITY - 1, LONGEST_SEVERITY);
  const lines = findings.flatMap(({ check, severity: how, found, advice }) => {
    const said = wrapText(`${check}: ${found}`, room);
    const done = advice === undefined ? [] : wrapText(`→ ${advice}`, room - INDENT.length);
    return [...said, ...done.map((line) => paint('dim', INDENT + line))].map((line, i) =>
      i === 0
        ? `${paint(COLOURS[how], padEnd(how, LONGEST_SEVERITY))} ${line}`
        : `${' '.repeat(LONGEST_SEVERITY)} ${line}`,
    );
  });
  return [
    ...wrapText(`${redis}, prefix ${prefix}`, width).map((line) => paint('bold', line)),
    ...lines,
    '',
    paint(COLOURS[severity], VERDICTS[severity]),
  ];
}

const VERDICTS: Readonly<Record<Severity, string>> = {
  ok: 'Ready.',
  info: 'Ready.',
  warning: 'It works, and should be improved before it is relied on.',
  error: 'Not ready: put right what is marked as error.',
};
