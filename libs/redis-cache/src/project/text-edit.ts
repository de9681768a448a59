/** Text in the place of what stands from `at` to `until`; without `until`, an insertion. */
export interface TextEdit {
  readonly at: number;
  readonly until?: number;
  readonly text: string;
}

/** Edits at one place keep their order; none may overlap. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let from = 0;
  for (const { at, until = at, text: put } of edits.toSorted((a, b) => a.at - b.at)) {
    result += text.slice(from, at) + put;
    from = until;
  }
  return result + text.slice(from);
}
