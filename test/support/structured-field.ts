/** A member of a list in a header, with its parameters. */
export interface ListItem {
  readonly value: BareItem;
  readonly parameters: Readonly<Record<string, BareItem>>;
}

export type BareItem =
  | { readonly token: string }
  | { readonly string: string }
  | { readonly integer: number }
  | { readonly boolean: boolean };

/**
 * Reads a list of structured field values as RFC 9651 has it, of the kinds that `Cache-Status` uses, and
 * refuses all others.
 *
 * @throws {SyntaxError} it is not such a list
 */
export function parseList(text: string): ListItem[] {
  const reader = new Reader(text);
  const items: ListItem[] = [];
  do items.push(reader.item());
  while (reader.next(/[ \t]*,[ \t]*/y));
  reader.end();
  return items;
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  item(): ListItem {
    const value = this.bareItem();
    const parameters: Record<string, BareItem> = {};
    while (this.next(/; */y)) {
      const key = this.next(/[a-z*][a-z0-9_.*-]*/y) ?? this.refuse();
      parameters[key] = this.next(/=/y) ? this.bareItem() : { boolean: true };
    }
    return { value, parameters };
  }

  next(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  end(): void {
    if (this.at < this.text.length) this.refuse();
  }

  private bareItem(): BareItem {
    const integer = this.next(/-?\d{1,15}(?![.\d])/y);
    if (integer !== undefined) return { integer: Number(integer) };
    const string = this.next(/"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"/y);
    if (string !== undefined) return { string: string.slice(1, -1).replaceAll(/\\(.)/g, '$1') };
    return { token: this.next(/[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*/y) ?? this.refuse() };
  }

  private refuse(): never {
    throw new SyntaxError(`Not a list of structured fields: ${this.text}`);
  }
}
