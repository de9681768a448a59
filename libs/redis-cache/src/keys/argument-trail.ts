import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';
import { received } from '../errors/received.js';

const MAX_DEPTH = 64;
const DOTTED = /^[A-Za-z_$][\w$]*(\(\))?$/;
const REMEDY =
  'Give a key function that picks what tells the entries apart, e.g. key: (lead) => lead.id.';

/**
 * The way from a method's arguments down to the object being encoded. One link per object: it finds
 * cycles, bounds the depth and names the place in an error.
 */
export class ArgumentTrail {
  /** Property name or index of the part being encoded; unset while the object itself is looked at. */
  step: string | number | undefined;

  private constructor(
    private readonly holder: object,
    private readonly parent: ArgumentTrail | undefined,
    private readonly depth: number,
    private readonly label: (index: number) => string,
  ) {}

  /** @param label how an error calls the argument at an index, e.g. `argument 1` */
  static from(args: readonly unknown[], label: (index: number) => string): ArgumentTrail {
    return new ArgumentTrail(args, undefined, 0, label);
  }

  /**
   * The trail inside `value`, which stands at the current step.
   *
   * @throws {InvalidCacheKeyError} `value` holds itself, or is nested more than 64 levels deep
   */
  into(value: object): ArgumentTrail {
    if (this.leadsThrough(value)) this.refuse('holds itself');
    if (this.depth === MAX_DEPTH) this.refuse(`is nested more than ${MAX_DEPTH} levels deep`);
    return new ArgumentTrail(value, this, this.depth + 1, this.label);
  }

  /** @throws {InvalidCacheKeyError} always, naming the current place */
  refuse(problem: string): never {
    throw new InvalidCacheKeyError(this.path(), problem, REMEDY);
  }

  private leadsThrough(value: object): boolean {
    return this.holder === value || (this.parent?.leadsThrough(value) ?? false);
  }

  private path(): string {
    if (!this.parent) return this.label(Number(this.step));
    return this.parent.path() + rendered(this.step);
  }
}

function rendered(step: string | number | undefined): string {
  if (step === undefined) return '';
  if (typeof step === 'number') return `[${step}]`;
  return DOTTED.test(step) ? `.${step}` : `[${received(step)}]`;
}
