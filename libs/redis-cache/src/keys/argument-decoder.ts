import { decodeSegment } from './segment.js';

const TOKENS = /''|[A-Za-z0-9._~@+=,%-]+|[;:()<>]/g;
const BIGINT = /^-?\d+n$/;
const HOLE = Symbol('hole');
const LITERALS = new Map<string, unknown>([
  ['null', null],
  ['undefined', undefined],
  ['true', true],
  ['false', false],
  ['empty', HOLE],
]);

/**
 * Reads the text of encoded arguments back into values. It never fails: what it makes of text that
 * is malformed, shortened or of a kind it does not revive does not encode to that text again, and
 * that is how the caller must tell.
 */
export class ArgumentDecoder {
  private readonly tokens: readonly string[];
  private position = 0;

  constructor(text: string) {
    this.tokens = text.match(TOKENS) ?? [];
  }

  /** The values up to the token `end`, or up to the end of the text. */
  list(end?: string): unknown[] {
    const values: unknown[] = [];
    this.each(end, () => {
      const value = this.value();
      if (value === HOLE) values.length++;
      else values.push(value);
    });
    return values;
  }

  private value(): unknown {
    const token = this.next();
    if (token === ':') return this.named(this.next());
    if (token === '(') return this.list(')');
    if (token === '<') return this.record();
    return textOf(token);
  }

  private named(name: string): unknown {
    if (this.take('(')) return this.builtIn(name);
    if (LITERALS.has(name)) return LITERALS.get(name);
    return BIGINT.test(name) ? BigInt(name.slice(0, -1)) : Number(name);
  }

  private builtIn(name: string): unknown {
    switch (name) {
      case 'Date': {
        const date = new Date(Number(this.next()));
        this.take(')');
        return date;
      }
      case 'Map':
        return new Map(this.pairs(')', '>', () => this.value()));
      case 'Set':
        return new Set(this.list(')'));
      default:
        return undefined;
    }
  }

  private record(): unknown {
    // fromEntries defines properties, so a key named __proto__ stays a key.
    return Object.fromEntries(this.pairs('>', ':', () => textOf(this.next()) ?? ''));
  }

  private pairs<K>(end: string, separator: string, readKey: () => K): [K, unknown][] {
    const pairs: [K, unknown][] = [];
    this.each(end, () => {
      const key = readKey();
      this.take(separator);
      pairs.push([key, this.value()]);
    });
    return pairs;
  }

  private each(end: string | undefined, read: () => void): void {
    while (this.position < this.tokens.length && !this.take(end)) {
      read();
      this.take(';');
    }
  }

  private take(token: string | undefined): boolean {
    const found = token !== undefined && this.tokens[this.position] === token;
    if (found) this.position++;
    return found;
  }

  private next(): string {
    return this.tokens[this.position++] ?? '';
  }
}

function textOf(token: string): string | undefined {
  return token === "''" ? '' : decodeSegment(token);
}
