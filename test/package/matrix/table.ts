import type { Verdict } from './verdict.js';

/** Verdicts by label of the project and name of the check. */
export type Results = Map<string, ReadonlyMap<string, Verdict>>;

const SIGNS: Readonly<Record<Verdict['kind'], string>> = { works: '✓', fails: '✗', limit: '–' };

/** A table in Markdown: a row for each check, a column for each project. */
export function tableOf(results: Results): string {
  const projects = [...results.keys()];
  const checks = [...new Set([...results.values()].flatMap((row) => [...row.keys()]))];
  const rows = checks.map((check) => [
    check,
    ...projects.map((project) => signOf(results.get(project)?.get(check))),
  ]);
  return [['check', ...projects], ['check', ...projects].map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function signOf(verdict: Verdict | undefined): string {
  return verdict ? SIGNS[verdict.kind] : '';
}
