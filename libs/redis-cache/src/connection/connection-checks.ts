import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { parseConnectionUrl } from './connection-url.js';
import { redactUrl } from '../errors/redact.js';

type Fields = Readonly<Record<string, unknown>>;

const LOGIN = ['username', 'password', 'tls', 'options'];

/** Each way to say where Redis is has one field that no other has. */
const FIELDS_BY_MARK = {
  url: ['url', 'options'],
  host: ['host', 'port', 'db', ...LOGIN],
  sentinels: ['sentinels', 'name', 'db', ...LOGIN],
  cluster: ['cluster', ...LOGIN],
} as const satisfies Record<string, readonly string[]>;

type Mark = keyof typeof FIELDS_BY_MARK;

const MARKS = Object.keys(FIELDS_BY_MARK) as Mark[];

/** Options of ioredis that decide what happens in an outage, and so are set by this library alone. */
const RESERVED_OPTIONS = [
  'autoResendUnfulfilledCommands',
  'autoResubscribe',
  'clusterRetryStrategy',
  'enableOfflineQueue',
  'lazyConnect',
  'maxRetriesPerRequest',
  'reconnectOnError',
  'retryStrategy',
  'scaleReads',
] as const;

export type ReservedOption = (typeof RESERVED_OPTIONS)[number];

/** Stands for a value that may be a secret put into the wrong field. */
const UNSEEN = '***';

const MAX_PORT = 65_535;

/**
 * Checks how to connect to Redis.
 *
 * @throws {InvalidCacheOptionsError} naming the field
 */
export function assertOwnConnection(raw: unknown): void {
  const fields = asFields(raw, 'connection');
  const mark = markOf(fields);
  const known: readonly string[] = FIELDS_BY_MARK[mark];
  for (const field of Object.keys(fields)) {
    if (!known.includes(field)) {
      throw invalid(field, UNSEEN, `one of the fields ${known.join(', ')}`, 'Correct its name.');
    }
  }
  assertPlace(mark, fields);
  assertLogin(fields);
  assertExtraOptions(fields.options);
}

function markOf(fields: Fields): Mark {
  const present = MARKS.filter((mark) => mark in fields);
  const [mark, second] = present;
  if (mark !== undefined && second === undefined) return mark;
  throw new InvalidCacheOptionsError(
    'connection',
    Object.keys(fields),
    `exactly one of the fields ${MARKS.join(', ')}, or an ioredis client`,
    'Use connection: false to run without Redis.',
  );
}

function assertPlace(mark: Mark, fields: Fields): void {
  switch (mark) {
    case 'url':
      parseConnectionUrl(fields.url, 'connection.url');
      return;
    case 'host':
      assertServer(fields, '');
      return;
    case 'sentinels':
      assertText(fields.name, 'name', `Name the group as the sentinels do, e.g. 'mymaster'.`);
      list(fields.sentinels, mark).forEach((item, i) => assertServer(item, `${mark}[${i}].`));
      return;
    case 'cluster':
      list(fields.cluster, mark).forEach((item, i) => assertNode(item, `${mark}[${i}]`));
      return;
    default:
      mark satisfies never;
  }
}

function assertNode(node: unknown, field: string): void {
  if (typeof node !== 'string') {
    assertServer(node, `${field}.`);
    return;
  }
  const { db = 0 } = parseConnectionUrl(node, `connection.${field}`);
  if (db === 0) return;
  throw invalid(field, redactUrl(node), 'a URL without a database', 'A cluster has but one.');
}

function assertServer(server: unknown, path: string): void {
  const { host, port } = asFields(server, `connection.${path}`.replace(/\.$/, ''));
  assertText(host, `${path}host`, 'Name the server without scheme and port.');
  assertWhole(port, `${path}port`, 1, MAX_PORT);
}

function assertLogin({ username, password, tls, db }: Fields): void {
  if (username !== undefined)
    assertText(username, 'username', 'Leave it out for the default user.');
  if (password !== undefined && typeof password !== 'string') {
    throw invalid('password', UNSEEN, 'a text', 'Leave it out where Redis asks for none.');
  }
  if (tls !== undefined && typeof tls !== 'boolean' && (typeof tls !== 'object' || !tls)) {
    throw invalid('tls', tls, 'true, false or options of tls.connect', 'Leave it out for no TLS.');
  }
  assertWhole(db, 'db', 0, Number.MAX_SAFE_INTEGER);
}

function assertExtraOptions(options: unknown): void {
  if (options === undefined) return;
  const given = asFields(options, 'connection.options');
  assertNotReserved(given, 'options');
  // Of a cluster, for the connections to its nodes.
  if (given.redisOptions === undefined) return;
  const field = 'options.redisOptions';
  assertNotReserved(asFields(given.redisOptions, `connection.${field}`), field);
}

function assertNotReserved(given: Fields, field: string): void {
  const reserved = RESERVED_OPTIONS.find((option) => option in given);
  if (reserved === undefined) return;
  throw invalid(
    `${field}.${reserved}`,
    UNSEEN,
    'an option that this library does not set itself',
    'Leave it out; or pass an ioredis client of your own as connection.',
  );
}

function assertText(value: unknown, field: string, remedy: string): void {
  if (typeof value !== 'string' || value === '') throw invalid(field, value, 'a text', remedy);
}

function assertWhole(value: unknown, field: string, min: number, max: number): void {
  if (value === undefined) return;
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
  throw invalid(
    field,
    value,
    `a whole number from ${min} to ${max}`,
    'Leave it out for the default.',
  );
}

function list(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw invalid(field, value, 'a list of at least one server', `Write [{ host: 'redis-1' }].`);
}

function asFields(value: unknown, option: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new InvalidCacheOptionsError(
    option,
    typeof value === 'string' ? UNSEEN : value,
    'an object',
    `Write for instance connection: { url: 'redis://localhost:6379' }.`,
  );
}

function invalid(field: string, value: unknown, expected: string, remedy: string): Error {
  return new InvalidCacheOptionsError(`connection.${field}`, value, expected, remedy);
}
