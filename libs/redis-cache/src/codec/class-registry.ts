import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { isBuiltIn } from './value-kind.js';

/** A class, abstract ones included. */
export type ClassRef = abstract new (...args: never[]) => object;

/**
 * The classes whose instances values may hold, by name and by prototype. Instances are carried by
 * their own properties, and made again without a call of the constructor: private `#fields` cannot
 * be carried, nor seen, so classes that have some must not be named.
 */
export class ClassRegistry {
  private readonly prototypes = new Map<string, object>();
  private readonly names = new Map<object, string>();

  /**
   * @param option path of the option they stand in, for the error
   * @throws {InvalidCacheOptionsError} no class, without a name, of a name given twice, built in or
   *   extending a built-in
   */
  constructor(
    classes: readonly ClassRef[] = [],
    private readonly option = 'type',
  ) {
    for (const type of classes) this.add(type);
  }

  /** How many classes there are. */
  get size(): number {
    return this.prototypes.size;
  }

  /** Name of the class whose instances have exactly this prototype. */
  nameOf(prototype: object): string | undefined {
    return this.names.get(prototype);
  }

  prototypeOf(name: string): object | undefined {
    return this.prototypes.get(name);
  }

  private add(type: ClassRef): void {
    const refuse = (expected: string, remedy: string): never => {
      throw new InvalidCacheOptionsError(this.option, type, expected, remedy);
    };
    if (!isClass(type)) return refuse('a class', 'Write for instance type: () => Lead.');
    const { name, prototype } = type;
    if (typeof name !== 'string' || name === '' || name.startsWith(':')) {
      return refuse('a class with a name', 'The name is stored, to find the class again by it.');
    }
    if (hasBuiltInSlots(prototype)) {
      return refuse(
        'a class that does not extend a built-in one',
        'Built-in values need no class here; what extends one goes through a codec of your own.',
      );
    }
    if (![undefined, prototype].includes(this.prototypes.get(name))) {
      return refuse(`classes of different names`, `There is another class named ${name}.`);
    }
    this.prototypes.set(name, prototype);
    this.names.set(prototype, name);
  }
}

function isClass(type: unknown): type is ClassRef & { readonly prototype: object } {
  return typeof type === 'function' && typeof type.prototype === 'object' && !!type.prototype;
}

/** Whether instances hold state that only a built-in constructor can give them (Map, Error, ...). */
function hasBuiltInSlots(prototype: object): boolean {
  let link: object | null = prototype;
  while (link !== null) {
    const constructor: unknown = Object.getOwnPropertyDescriptor(link, 'constructor')?.value;
    const isRoot = Object.getPrototypeOf(link) === null && link !== prototype;
    if (typeof constructor === 'function' && isBuiltIn(constructor) && !isRoot) return true;
    link = Object.getPrototypeOf(link) as object | null;
  }
  return false;
}
