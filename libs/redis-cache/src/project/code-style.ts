/** How somebody writes code, as far as new lines between theirs have to look alike. */
export interface CodeStyle {
  readonly quote: "'" | '"';
  readonly semicolon: ';' | '';
  /** One level of indentation. */
  readonly indent: string;
  readonly lineEnd: '\n' | '\r\n';
  /** After the last item of a list that takes several lines. */
  readonly trailingComma: ',' | '';
}

const IMPORT = /^\uFEFF?import\b[^'"]*(['"])[^'"\n]*\1[ \t]*(;?)/m;
const WITH_COMMA = /,\s*\n\s*[\])}]/;
const WITHOUT_COMMA = /[^\s,;{}([]\s*\n\s*(?:\]|\}\))/;

export function codeStyleOf(text: string): CodeStyle {
  const [, quote = "'", semicolon = ';'] = IMPORT.exec(text) ?? [];
  return {
    quote: quote === '"' ? '"' : "'",
    semicolon: semicolon === ';' ? ';' : '',
    indent: /^(?:\t| {2,})(?=\S)/m.exec(text)?.[0] ?? '  ',
    lineEnd: text.includes('\r\n') ? '\r\n' : '\n',
    trailingComma: WITH_COMMA.test(text) || !WITHOUT_COMMA.test(text) ? ',' : '',
  };
}

/** Rewrites code that has single quotes, semicolons, two spaces and trailing commas. */
export function inStyle(lines: readonly string[], style: CodeStyle): string {
  const last = (index: number) => /^\s*[\])}]/.test(lines[index + 1] ?? '');
  return lines
    .map((line, index) => {
      const [spaces = ''] = /^ */.exec(line) ?? [];
      let code = line.slice(spaces.length).replaceAll("'", style.quote);
      if (!code.startsWith('//')) code = code.replace(/;$/, style.semicolon);
      if (last(index)) code = code.replace(/,$/, style.trailingComma);
      return `${style.indent.repeat(spaces.length / 2)}${code}${style.lineEnd}`;
    })
    .join('');
}
