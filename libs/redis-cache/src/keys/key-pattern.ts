import type { KeySelection } from './key-selection.js';
import { parsePattern, type EntryGlobs } from './parse-pattern.js';
import { percentDecode, percentEncode, plainBeginning, segmentText } from './segment.js';
import type { Glob } from './glob.js';

const NAME = /^([A-Za-z0-9._~:-]+:\{[^/{}]*\/)([^/{}]+)\}:pattern$/;
const ENDING = '}:pattern';
const LEASE = ':lease';
/** What follows the tenant in the key of an entry: name of the cache, version, key. */
const ENTRY = /^([^/{}]+)@\d+\/([^/{}]*)\}$/;

/**
 * A pattern over the entries of one tenant, of all versions of a cache.
 *
 * It is held against the name of the cache and the text of the key, both with their percent escapes
 * undone. Of a name or key that was shortened only the beginning is known: what may match is taken.
 */
export class KeyPattern {
  private readonly globs: EntryGlobs;

  /**
   * @param opening what all keys of the tenant begin with, up to its slash
   * @throws {InvalidCacheOptionsError} see {@link parsePattern}
   */
  constructor(
    private readonly opening: string,
    /** As it was given. */
    readonly pattern: string,
  ) {
    this.globs = parsePattern(pattern);
  }

  /** Names it, among the names of stamps and entries; no such key stands in Redis. */
  get name(): string {
    return `${this.opening}${percentEncode(this.pattern)}}:pattern`;
  }

  /** The entries it takes. */
  get entries(): KeySelection {
    return { match: `${this.beginning}*}`, takes: (key) => this.takes(key) };
  }

  /** The leases of the entries it takes. */
  get leases(): KeySelection {
    return {
      match: `${this.beginning}*}${LEASE}`,
      takes: (key) => key.endsWith(LEASE) && this.takes(key.slice(0, -LEASE.length)),
    };
  }

  /** Whether it may take entries of this cache. */
  takesCache(name: string): boolean {
    return this.globs.cache.matches(name);
  }

  /** Whether it takes the entry under this key. */
  takes(entryKey: string): boolean {
    if (!entryKey.startsWith(this.opening)) return false;
    const [, cache, key] = ENTRY.exec(entryKey.slice(this.opening.length)) ?? [];
    if (cache === undefined || key === undefined) return false;
    return fits(this.globs.cache, cache) && fits(this.globs.key, key);
  }

  /** How the keys of all that it takes begin, in Redis' own glob. */
  private get beginning(): string {
    const { cache, key } = this.globs;
    const name = plainBeginning(cache.beginning);
    const whole = cache.literal && name === cache.beginning;
    return this.opening + name + (whole ? `@*/${plainBeginning(key.beginning)}` : '');
  }
}

/** @returns undefined for text that is not the {@link KeyPattern.name} of any */
export function readPatternName(name: string): KeyPattern | undefined {
  // Most names that are asked for are keys of entries.
  if (!name.endsWith(ENDING)) return undefined;
  const [, opening, encoded = ''] = NAME.exec(name) ?? [];
  const pattern = percentDecode(encoded);
  if (opening === undefined || pattern === undefined) return undefined;
  try {
    return new KeyPattern(opening, pattern);
  } catch {
    return undefined; // none that a process of this version sends
  }
}

function fits(glob: Glob, segment: string): boolean {
  const text = segmentText(segment);
  if (!text) return false;
  return text.whole ? glob.matches(text.text) : glob.mayMatchBeyond(text.text);
}
