import { isRedisCacheError } from '../errors/redis-cache.error.js';
import { refusal } from './admin-problem.js';

const MAX_TEXT_LENGTH = 1_000;

/** What came with a request, read field by field. Every refusal names the field. */
export class Fields {
  /** @param path what the names of the fields are put behind, e.g. `invalidations[0].` */
  constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly path = '',
  ) {}

  /** @throws {AdminProblemException} there are other fields */
  only(...names: readonly string[]): this {
    const other = Object.keys(this.values).find((name) => !names.includes(name));
    if (other === undefined) return this;
    const known = names.length > 0 ? `one of ${names.join(', ')}` : 'none at all';
    throw refusal(`${this.path}${other.slice(0, 100)}`, `is not known here; expected ${known}`);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.values, name);
  }

  value(name: string): unknown {
    return this.has(name) ? this.values[name] : undefined;
  }

  /** How a field is called in answers. */
  name(name: string): string {
    return this.path + name;
  }

  optionalText(name: string): string | undefined {
    if (!this.has(name)) return undefined;
    const value = this.values[name];
    if (typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH) return value;
    throw this.refuse(name, `must be one text of 1 to ${MAX_TEXT_LENGTH} characters`);
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw this.refuse(name, 'is missing');
    return value;
  }

  /** @param max how many there may be; none is too few */
  texts(name: string, max: number): readonly string[] {
    const value = this.value(name);
    const isTexts = Array.isArray(value) && value.every(isText);
    if (isTexts && value.length > 0 && value.length <= max) return value as readonly string[];
    throw this.refuse(name, `must be 1 to ${max} texts of 1 to ${MAX_TEXT_LENGTH} characters`);
  }

  /** True and false, of a query as words. Absent is false. */
  flag(name: string): boolean {
    const value = this.value(name) ?? false;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw this.refuse(name, 'must be true or false');
  }

  oneOf<T extends string>(name: string, known: readonly T[], fallback?: T): T {
    const value = this.has(name) ? this.values[name] : fallback;
    const found = known.find((item) => item === value);
    if (found === undefined) throw this.refuse(name, `must be one of ${known.join(', ')}`);
    return found;
  }

  /** A whole number of a query. */
  wholeNumber(name: string, range: { min: number; max: number; fallback: number }): number {
    if (!this.has(name)) return range.fallback;
    const value = this.values[name];
    const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : NaN;
    if (number >= range.min && number <= range.max) return number;
    throw this.refuse(name, `must be a whole number from ${range.min} to ${range.max}`);
  }

  /** The elements of a list of objects. */
  list(name: string, max: number): readonly Fields[] {
    const value = this.value(name);
    if (!Array.isArray(value) || value.length === 0 || value.length > max) {
      throw this.refuse(name, `must be a list of 1 to ${max}`);
    }
    return value.map((item: unknown, index) => {
      const path = `${this.name(name)}[${index}]`;
      if (!isObject(item)) throw refusal(path, 'must be an object');
      return new Fields(item, `${path}.`);
    });
  }

  /** Has the cache itself read a field; what it refuses is the field's fault. */
  checked<T>(name: string, read: (value: unknown) => T): T {
    try {
      return read(this.value(name));
    } catch (error) {
      if (!isRedisCacheError(error)) throw error;
      throw this.refuse(name, `cannot be taken: ${error.message}`);
    }
  }

  refuse(name: string, message: string): Error {
    return refusal(this.name(name), message);
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH;
}
