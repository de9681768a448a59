import { createHash } from 'node:crypto';

/** What a name is called by between two of its invalidations. */
export interface KeyvMark {
  readonly name: string;
  /** Random, and used for nothing else, ever. */
  readonly id: string;
  /** Undefined if it stays. */
  readonly untilMs: number | undefined;
}

/** An entry, with the ids that its names had before its value was loaded. */
export interface KeyvEntry {
  readonly key: string;
  readonly ids: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
  readonly untilMs: number;
}

export type KeyvRecord =
  ({ readonly kind: 'mark' } & KeyvMark) | ({ readonly kind: 'entry' } & KeyvEntry);

/** Of the records; what is of another is none. */
const FORMAT = 1;

/**
 * Where a record stands in Keyv. A digest, as adapters cut keys short, take capitals for small letters, or
 * a key that has colons for one with their own prefix. Whose it is stands in the record.
 */
export function recordKey(kind: KeyvRecord['kind'], name: string): string {
  return `redis-cache-${kind}-${createHash('sha256').update(name).digest('hex')}`;
}

export function markText({ name, id, untilMs }: KeyvMark): string {
  return JSON.stringify([FORMAT, 'mark', name, id, untilMs ?? null]);
}

export function entryText({ key, ids, bytes, untilMs }: KeyvEntry): string {
  const { buffer, byteOffset, length } = bytes;
  const base64 = Buffer.from(buffer, byteOffset, length).toString('base64');
  return JSON.stringify([FORMAT, 'entry', key, [...ids], untilMs, base64]);
}

/** Undefined for what is no record, or has come to its end. */
export function readRecord(stored: unknown, nowMs: number): KeyvRecord | undefined {
  const fields = parse(stored);
  if (fields?.[0] !== FORMAT) return undefined;
  const [, kind, name, third, untilMs, base64] = fields;
  if (typeof name !== 'string') return undefined;
  if (typeof untilMs === 'number' ? untilMs <= nowMs : kind !== 'mark') return undefined;
  if (kind === 'mark' && typeof third === 'string') {
    return { kind, name, id: third, untilMs: untilMs === null ? undefined : (untilMs as number) };
  }
  if (kind !== 'entry' || typeof base64 !== 'string') return undefined;
  const bytes = Buffer.from(base64, 'base64');
  return { kind, key: name, ids: idsOf(third), bytes, untilMs: untilMs as number };
}

/** What a look has seen, as the text that is its point. */
export function pointText(ids: ReadonlyMap<string, string>): string {
  return JSON.stringify([...ids]);
}

export function readPoint(point: string): ReadonlyMap<string, string> {
  return idsOf(JSON.parse(point));
}

function idsOf(pairs: unknown): ReadonlyMap<string, string> {
  return new Map(Array.isArray(pairs) ? (pairs as [string, string][]) : []);
}

function parse(stored: unknown): unknown[] | undefined {
  if (typeof stored !== 'string' || !stored.startsWith('[')) return undefined;
  try {
    const parsed: unknown = JSON.parse(stored);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined; // another's, or half written: none of ours
  }
}
