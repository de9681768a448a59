import { Observable } from 'rxjs';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import type { ResultKind } from './cached-method.definition.js';

/**
 * Whether a method returns a Promise or an Observable, by the metadata that the compiler wrote.
 * Without metadata (esbuild, no `emitDecoratorMetadata`) it is taken for a Promise.
 *
 * @throws {InvalidDecoratorError} it returns neither, so it could not be awaited any more
 */
export function resultKindOf(target: object, property: string | symbol, place: string): ResultKind {
  const declared = Reflect.getMetadata('design:returntype', target, property) as unknown;
  if (declared === undefined || declared === Object || isKind(declared, Promise)) return 'promise';
  if (isKind(declared, Observable)) return 'observable';
  const name = typeof declared === 'function' ? declared.name : typeof declared;
  throw new InvalidDecoratorError(
    place,
    `returns ${name}`,
    `A cached method returns a Promise or an Observable: make it async.`,
  );
}

/** By name too: another copy of the library has another class. */
function isKind(declared: unknown, kind: { name: string; prototype: object }): boolean {
  return (
    typeof declared === 'function' &&
    (declared.name === kind.name || declared.prototype instanceof (kind as never))
  );
}
