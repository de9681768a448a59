import { readTextDigits } from '../codec/base64-digits.js';
import { MARK_DIGITS, NO_MARK, type EntryMark } from '../codec/entry-mark.js';
import { readPatternName, type KeyPattern } from '../keys/key-pattern.js';
import type { Stamp } from './stamp-table.js';

/** An entry that has taken the place of another one. */
export interface Successor {
  /** Of the one that stood there until then. */
  readonly after: EntryMark;
  /** As it is stored. */
  readonly text: string;
}

/** What one process tells the others. */
export type BusMessage =
  | {
      readonly kind: 'entry';
      readonly origin: string;
      readonly key: string;
      /** What stands there now, where that is told. */
      readonly successor?: Successor;
    }
  | {
      readonly kind: 'stamp';
      readonly origin: string;
      readonly key: string;
      readonly stamp: Stamp;
    }
  | { readonly kind: 'pattern'; readonly origin: string; readonly pattern: KeyPattern }
  | { readonly kind: 'rollout'; readonly origin: string; readonly key: string };

/** The origin of what is told to the process that tells it, too. */
export const ANYBODY = '-';

const VERSION = '1';
const STAMP_TEXT = /^([0-9a-f]{16}):(\d{1,16})$/;

/** What all messages of a process begin with, by the name that it goes by. Spaces part the fields. */
export function messageHead(origin: string): string {
  return `${VERSION} ${origin} `;
}

/**
 * A message that an entry was evicted or replaced. No key holds a space. Where a script adds the mark of the entry
 * before and the one that takes its place, it tells a {@link Successor}.
 */
export function entryMessage(origin: string, key: string): string {
  return `${messageHead(origin)}e ${key}`;
}

/** The beginning of a message that a stamp was renewed; the script adds the stamp. */
export function stampMessageHead(origin: string, key: string): string {
  return `${messageHead(origin)}s ${key} `;
}

/** A message that the entries are going, or gone, that a pattern takes. */
export function patternMessage(origin: string, pattern: KeyPattern): string {
  return `${messageHead(origin)}p ${pattern.name}`;
}

/** A message that what stands under the key has changed: for whom caches are used. */
export function rolloutMessage(origin: string, key: string): string {
  return `${messageHead(origin)}r ${key}`;
}

/**
 * A stamp as it stands in Redis and in messages, its id and the time of its making.
 *
 * @returns undefined for text that is none
 */
export function parseStamp(text: string): Stamp | undefined {
  const match = STAMP_TEXT.exec(text);
  return match ? { id: match[1] as string, madeAtMs: Number(match[2]) } : undefined;
}

/** Several messages are told as one text, with this between them. */
export const BETWEEN_MESSAGES = '\n';

/** The messages in what was told by one text. */
export function messagesIn(text: string): readonly string[] {
  return text.includes(BETWEEN_MESSAGES) ? text.split(BETWEEN_MESSAGES) : [text];
}

/** The fields before the one that is an entry, in which there are spaces. */
const FIELDS = 5;

/** @returns undefined for text that is no message of this version */
export function parseMessage(text: string): BusMessage | undefined {
  const [version, origin, kind, key, stamp] = text.split(' ', FIELDS);
  if (version !== VERSION || !origin || !key) return undefined;
  if (kind === 'e') return entryOf(text, origin, key, stamp);
  if (kind === 'r') return { kind: 'rollout', origin, key };
  const pattern = kind === 'p' ? readPatternName(key) : undefined;
  if (pattern) return { kind: 'pattern', origin, pattern };
  const parsed = kind === 's' && stamp !== undefined ? parseStamp(stamp) : undefined;
  return parsed && { kind: 'stamp', origin, key, stamp: parsed };
}

function entryOf(text: string, origin: string, key: string, mark: string | undefined): BusMessage {
  const after = mark === undefined ? NO_MARK : readTextDigits(mark, 0, MARK_DIGITS);
  if (mark === undefined || after < 0) return { kind: 'entry', origin, key };
  const headLength = messageHead(origin).length + 'e '.length + key.length + 1 + mark.length + 1;
  return {
    kind: 'entry',
    origin,
    // It may be remembered for long, and as a part of the text would keep the whole of it alive.
    key: Buffer.from(key).toString(),
    successor: { after, text: text.slice(headLength) },
  };
}
