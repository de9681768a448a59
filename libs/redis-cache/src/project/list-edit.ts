import type ts from 'typescript';
import type { CodeStyle } from './code-style.js';
import type { Compiler } from './compiler.js';
import type { TextEdit } from './text-edit.js';

/** What formatters make of a line by default. */
const LONGEST_LINE = 80;

/** A list in the code: elements of an array, properties of an object, names of an import. */
export interface CodeList {
  readonly items: ts.NodeArray<ts.Node>;
  /** Right behind the opening bracket. */
  readonly open: number;
  /** The closing one. */
  readonly close: number;
}

/** Code that is edited, and how. */
export interface EditedCode {
  readonly compiler: Compiler;
  readonly source: ts.SourceFile;
  readonly style: CodeStyle;
}

/** Edits that put an item at the end of a list, which goes on to be written as it is. */
export function appended(code: EditedCode, list: CodeList, item: string): TextEdit[] {
  const { source, style } = code;
  const { text } = source;
  const last = list.items.at(-1);
  if (!last) return intoEmpty(code, list, item);
  const { hasTrailingComma, end: behindComma } = list.items;
  const behind = hasTrailingComma ? behindComma : last.end;
  const rest = text.slice(behind, list.close);
  const start = last.getStart(source);
  const startsLine = text.slice(lineStart(text, start), start).trim() === '';
  if (startsLine || rest.trim() !== '') {
    const indent = indentAt(text, start) + (startsLine ? '' : style.indent);
    const comma = hasTrailingComma ? ',' : '';
    return [
      ...(hasTrailingComma ? [] : [{ at: last.end, text: ',' }]),
      { at: behindComments(code, behind), text: `${style.lineEnd}${indent}${item}${comma}` },
    ];
  }
  const put = hasTrailingComma ? ` ${item},` : `, ${item}`;
  return (
    broken(code, list, [...texts(code, list), item], put.length) ?? [{ at: behind, text: put }]
  );
}

/** Edits that put an item at the beginning of a list. */
export function prepended(code: EditedCode, list: CodeList, item: string): TextEdit[] {
  const { source, style } = code;
  const { text } = source;
  const first = list.items[0];
  if (!first) return intoEmpty(code, list, item);
  const start = first.getStart(source);
  if (text.slice(lineStart(text, start), start).trim() === '') {
    const put = `${style.lineEnd}${indentAt(text, start)}${item},`;
    return [{ at: behindComments(code, list.open), text: put }];
  }
  const put = `${item}, `;
  return broken(code, list, [item, ...texts(code, list)], put.length) ?? [{ at: start, text: put }];
}

function intoEmpty({ source, style }: EditedCode, list: CodeList, item: string): TextEdit[] {
  const inside = source.text.slice(list.open, list.close);
  const isArray = source.text[list.close] === ']';
  if (inside.trim() === '' && isArray) return [{ at: list.open, until: list.close, text: item }];
  const outer = indentAt(source.text, list.open);
  const { lineEnd, indent, trailingComma } = style;
  const put = `${lineEnd}${outer}${indent}${item}${trailingComma}${lineEnd}${outer}`;
  return [{ at: list.open + inside.trimEnd().length, until: list.close, text: put }];
}

/** A line for each item, if in one line they were too long for it and nothing else stands between. */
function broken(
  { source, style }: EditedCode,
  list: CodeList,
  items: readonly string[],
  growth: number,
): TextEdit[] | undefined {
  const { text } = source;
  const inside = text.slice(list.open, list.close);
  if (/[\n]|\/[/*]/.test(inside)) return undefined;
  const from = lineStart(text, list.open);
  const end = text.indexOf('\n', list.close);
  const line = text.slice(from, end < 0 ? undefined : end).trimEnd();
  if (line.length + growth <= LONGEST_LINE) return undefined;
  const outer = indentAt(text, list.open);
  const { lineEnd, indent, trailingComma } = style;
  const lines = items.map((item) => `${lineEnd}${outer}${indent}${item}`).join(',');
  const put = `${lines}${trailingComma}${lineEnd}${outer}`;
  return [{ at: list.open, until: list.close, text: put }];
}

function texts({ source }: EditedCode, { items }: CodeList): string[] {
  return items.map((item) => item.getText(source));
}

/** Behind what is said in the same line of that which ends there. */
export function behindComments({ compiler, source }: EditedCode, at: number): number {
  return compiler.getTrailingCommentRanges(source.text, at)?.at(-1)?.end ?? at;
}

function indentAt(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at)))?.[0] ?? '';
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}
