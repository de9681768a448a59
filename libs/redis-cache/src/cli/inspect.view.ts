import type { FarExplanation, ReadOutlook } from '../cache/entry-explanation.js';
import { bytes, span } from './figures.js';
import type { InspectReport } from './inspect.report.js';
import type { Colour } from './paint.js';
import type { Look } from './printer.js';
import type { StoredValue } from './stored-value.js';
import { facts, table } from './table.js';
import { printable } from './text.js';

export function inspectView(report: InspectReport, look: Look): string[] {
  const { entry, outlook, far, lease, versionsInUse, value } = report;
  const [colour, verdict] = verdictOf(outlook);
  const others = versionsInUse.filter((version) => version !== entry.version);
  const lines = facts(
    [
      ['a read now', look.paint(colour, verdict)],
      ['tenant', entry.tenant === null ? '(global)' : printable(entry.tenant)],
      ['cache', `${printable(entry.cache)}, version ${entry.version}`],
      ...(others.length > 0 ? [['other versions', others.join(', ')] as const] : []),
      ['Redis key', entry.redisKey],
      ...farFacts(far),
      ['lease', lease ? `somebody loads it, for ${span(lease.leftMs)} at most` : 'nobody loads it'],
    ],
    look,
  );
  return [...lines, ...stampLines(far, look), ...(value ? valueLines(value) : [])];
}

/** What comes of a read, and whether that is good. */
function verdictOf(outlook: ReadOutlook): [Colour, string] {
  switch (outlook.kind) {
    case 'hit':
      return ['green', 'hit'];
    case 'stale':
      return ['yellow', 'stale: past its ttl and within its grace, answered and refreshed'];
    case 'bypass':
      return ['yellow', `goes past the cache: its rollout is ${outlook.reason} for the tenant`];
    case 'join':
      return ['yellow', 'joins a load under way'];
    case 'miss': {
      const then = outlook.then === 'wait' ? 'waits for who loads it' : 'loads it';
      return ['red', `miss: ${REASONS[outlook.reason]}; ${then}`];
    }
  }
}

const REASONS: Readonly<Record<Extract<ReadOutlook, { kind: 'miss' }>['reason'], string>> = {
  absent: 'Redis has no such entry',
  expired: 'past its ttl and grace',
  outdated: 'evicted since it was stored, by one of its stamps',
  undecodable: 'what is stored cannot be read',
  newer: 'written by a later version of the library',
  away: 'Redis is away',
  refused: 'Redis refused to tell',
};

function farFacts(far: FarExplanation): (readonly [string, string])[] {
  switch (far.kind) {
    case 'entry':
      return [
        ['state', far.state],
        ['stored', `${span(far.ageMs)} ago`],
        ['fresh for', span(far.ttlLeftMs)],
        ['grace after it', span(far.graceLeftMs)],
        ['size', `${bytes(far.bytes)}${far.compressed ? ', compressed' : ''}`],
        ['codec', `${far.codec.name} (${far.codec.id})`],
      ];
    case 'newer':
      return [
        ['format', String(far.formatVersion)],
        ['size', bytes(far.bytes)],
      ];
    case 'undecodable':
      return [
        ['why', printable(far.reason)],
        ['size', bytes(far.bytes)],
      ];
    case 'refused':
      return [['why', printable(far.reason)]];
    case 'absent':
    case 'away':
    case 'off':
      return [];
  }
}

function stampLines(far: FarExplanation, look: Look): string[] {
  if (far.kind !== 'entry') return [];
  const rows = far.stamps.map(({ level, tag, entry, current, holds }) => [
    level === 'tag' ? `tag ${printable(tag ?? '')}` : level === 'all' ? 'everything' : level,
    stateOf(holds, look),
    entry ?? '(not known)',
    current ?? '(none)',
  ]);
  const columns = ['stamp', 'state', 'of the entry', 'now'].map((title) => ({ title }));
  return ['', ...table(columns, rows, look)];
}

function stateOf(holds: boolean | undefined, look: Look): string {
  if (holds === undefined) return look.paint('yellow', 'may have changed');
  return holds ? look.paint('green', 'holds') : look.paint('red', 'changed');
}

function valueLines(value: StoredValue): string[] {
  return ['', ...textOf(value).split('\n').map(printable)];
}

function textOf(value: StoredValue): string {
  switch (value.shownAs) {
    case 'json':
      return JSON.stringify(value.json, undefined, 2);
    case 'text':
      return value.text;
    case 'base64':
      return `${value.base64} (base64)`;
    case 'nothing':
      return '(no value that can be read)';
  }
}
