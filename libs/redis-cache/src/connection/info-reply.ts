/** What a server says of itself, by field. */
export type InfoReply = ReadonlyMap<string, string>;

/** Reads the reply of `INFO`: lines of `field:value`, and headings that begin with `#`. */
export function parseInfo(text: unknown): InfoReply {
  const lines = String(text)
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, Math.max(0, colon)), line.slice(colon + 1)];
    }),
  );
}
