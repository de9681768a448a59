import type { ClassRegistry } from './class-registry.js';
import { GraphRebuilder } from './graph-rebuilder.js';
import { UndecodableValueError } from './undecodable-value.error.js';
import { kindOf, type ValueKind } from './value-kind.js';

/**
 * What the plain codecs would lose is wrapped: `{ "@": tag, "=": content }`, where the tag is the
 * name of a class or one of these. A plain object with a property `@` of its own is wrapped too, so
 * that no data can pass for a wrapper. Stored: never change the meaning of a tag.
 */
const TAGS = { plain: '', nullObject: ':null', url: ':url', regexp: ':regexp' } as const;

interface Wrapper {
  readonly '@': unknown;
  readonly '=': unknown;
}

/**
 * Whether nodes of this kind have to be wrapped, so that the whole value goes tagged. A RegExp too,
 * although v8 knows it: v8 drops `lastIndex`, and takes flags that no RegExp can have.
 */
export function needsTag(kind: ValueKind | undefined): boolean {
  return kind === undefined || kind === 'null-object' || kind === 'url' || kind === 'regexp';
}

/** The value with all instances wrapped. Shares its leaves with `value`: to be encoded at once. */
export function wrap(value: unknown, classes: ClassRegistry): unknown {
  return new Wrapping(classes).rebuild(value);
}

/**
 * What was given to {@link wrap}, from a decoded value. No constructor is called.
 *
 * @throws {UndecodableValueError} a wrapper with an unknown tag, or with content that does not fit
 */
export function unwrap(value: unknown, classes: ClassRegistry): unknown {
  return new Unwrapping(classes).rebuild(value);
}

class Wrapping extends GraphRebuilder {
  constructor(private readonly classes: ClassRegistry) {
    super();
  }

  protected build(node: object, kind: ValueKind | undefined): object {
    switch (kind) {
      case undefined:
        return this.wrapper(node, this.className(node), { ...node });
      case 'null-object':
        return this.wrapper(node, TAGS.nullObject, { ...node });
      case 'url':
        return this.wrapper(node, TAGS.url, [(node as URL).href]);
      case 'regexp':
        return this.regexp(node as RegExp);
      case 'object':
        if (Object.hasOwn(node, '@')) return this.wrapper(node, TAGS.plain, { ...node });
        return this.container(node, kind);
      default:
        return this.container(node, kind);
    }
  }

  private wrapper(node: object, tag: string, content: object): Wrapper {
    const wrapper = this.claim(node, { '@': tag, '=': content });
    this.fill(content);
    return wrapper;
  }

  private className(node: object): string {
    return this.classes.nameOf(Object.getPrototypeOf(node) as object) as string;
  }

  private regexp(node: RegExp): Wrapper {
    const { source, flags, lastIndex } = node;
    return this.wrapper(node, TAGS.regexp, [source, flags, lastIndex]);
  }
}

class Unwrapping extends GraphRebuilder {
  constructor(private readonly classes: ClassRegistry) {
    super();
  }

  protected build(node: object, kind: ValueKind | undefined): object {
    if (kind !== 'object' || !Object.hasOwn(node, '@')) return this.container(node, kind);
    const { '@': tag, '=': content } = node as Wrapper;
    switch (tag) {
      case TAGS.url:
        return this.claim(node, new URL(String(arrayOf(content)[0])));
      case TAGS.regexp:
        return this.claim(node, regExpOf(arrayOf(content)));
      default:
        return this.object(node, objectOf(content), this.prototypeOf(tag));
    }
  }

  private prototypeOf(tag: unknown): object | null {
    if (tag === TAGS.nullObject) return null;
    if (tag === TAGS.plain) return Object.prototype;
    const prototype = typeof tag === 'string' ? this.classes.prototypeOf(tag) : undefined;
    if (!prototype) throw new UndecodableValueError(`Unknown class ${JSON.stringify(tag)}`);
    return prototype;
  }
}

function regExpOf([source, flags, lastIndex]: readonly unknown[]): RegExp {
  const regexp = new RegExp(String(source), String(flags));
  regexp.lastIndex = Number(lastIndex);
  return regexp;
}

function arrayOf(content: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content as readonly unknown[];
  throw new UndecodableValueError('A wrapper without its list of parts');
}

function objectOf(content: unknown): object {
  if (typeof content === 'object' && content && kindOf(content) === 'object') return content;
  throw new UndecodableValueError('A wrapper without its properties');
}
