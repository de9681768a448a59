const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const INDEX = /^\d+$/;

/** Longest path shown in full: of a longer one, both ends are. */
const MAX_LENGTH = 160;

/** A step from a value to one inside it: a property or element, or the nth key or member. */
export type PathStep = string | { readonly call: 'keys' | 'values'; readonly index: number };

/** The path as JavaScript would write it, e.g. `value.rows[3].owner` or `value.byId.values()[0]`. */
export function showPath(steps: readonly PathStep[]): string {
  const path = `value${steps.map(showStep).join('')}`;
  if (path.length <= MAX_LENGTH) return path;
  return `${path.slice(0, MAX_LENGTH / 2)}…${path.slice(-MAX_LENGTH / 2)}`;
}

function showStep(step: PathStep): string {
  if (typeof step === 'object') return `.${step.call}()[${step.index}]`;
  if (INDEX.test(step)) return `[${step}]`;
  return IDENTIFIER.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
