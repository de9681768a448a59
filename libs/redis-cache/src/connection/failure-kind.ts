import { FarTimeoutError, FarUnavailableError } from '../errors/far-tier.error.js';
import { redactSecrets } from '../errors/redact.js';

/**
 * What the failure of a command says about Redis.
 *
 * - `timeout`: no answer in time. Whether the command was applied is unknown.
 * - `away`: the connection is gone, or the server cannot serve now, or takes no writes. A cache that
 *   could read and not evict would serve what is no longer true, so a server that takes no writes
 *   counts as away.
 * - `moved`: the keys are served by another node, or their commands were gathered for one node and it
 *   turned out before they were sent that they belong to several. Nothing was applied.
 * - `refused`: the server is well and refused this one command.
 */
export type FailureKind = 'timeout' | 'away' | 'moved' | 'refused';

/** Error codes of replies, also where a script of Redis 6 wraps them: `… @user_script:1: -READONLY …`. */
const AWAY_REPLY =
  /(?:^|-)(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|MISCONF|NOREPLICAS|BUSY|NOAUTH|WRONGPASS|DENIED) |^ERR max number of clients|^ERR invalid password/;

const AWAY_MESSAGE =
  /^(?:Connection is closed|Stream isn't writeable|Cluster isn't ready|None of startup nodes|Too many Cluster redirections|Connection in subscriber mode|Connection is in monitoring mode|Socket timeout)/;

/** ioredis gathers commands by node; slots may move before it sends them. */
const MOVED_MESSAGE = 'All keys in the pipeline should belong to the same slots';

const AWAY_NAMES = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError', 'AbortError']);

const LONGEST_REASON = 200;

/** What is looked at of a message: more than is shown, so that no secret is cut in two and kept. */
const LONGEST_MESSAGE = 2_000;

/** Sorts an error that came of a command, or of the connection itself. */
export function failureKind(error: unknown): FailureKind {
  if (error instanceof FarTimeoutError) return 'timeout';
  if (error instanceof FarUnavailableError) return 'away';
  if (!(error instanceof Error)) return 'refused';
  if (error.message.startsWith('Command timed out')) return 'timeout';
  if (error.name === 'ReplyError') return kindOfReply(error.message);
  if (error.message.startsWith(MOVED_MESSAGE)) return 'moved';
  return isConnectionFailure(error) ? 'away' : 'refused';
}

function kindOfReply(message: string): FailureKind {
  if (AWAY_REPLY.test(message)) return 'away';
  return /^(?:MOVED|ASK) /.test(message) ? 'moved' : 'refused';
}

function isConnectionFailure(error: Error): boolean {
  if (AWAY_NAMES.has(error.name) || AWAY_MESSAGE.test(error.message)) return true;
  const { code, syscall } = error as NodeJS.ErrnoException;
  // ERR_INVALID_ARG_TYPE and its like are slips of the caller; those of a stream are not.
  return syscall !== undefined || /^(?:E(?!RR_)|ERR_STREAM_|ERR_TLS_|CERT_)/.test(code ?? '');
}

/** One short line that says why, for logs and health answers. Free of secrets. */
export function failureReason(error: unknown): string {
  const text = redactSecrets(firstLine(rawReason(error)).slice(0, LONGEST_MESSAGE));
  return text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON - 1)}…` : text;
}

function rawReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A host with several addresses: Node tries each, and the error as a whole has no message.
  if (error instanceof AggregateError && error.errors.length > 0) return rawReason(error.errors[0]);
  // What a cluster's nodes had to say is more than "Failed to refresh slots cache.".
  const { lastNodeError } = error as { lastNodeError?: unknown };
  if (lastNodeError instanceof Error) return `${error.message} ${rawReason(lastNodeError)}`;
  if (error.message !== '') return error.message;
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

function firstLine(text: string): string {
  return text.split(/[\r\n]/, 1)[0] ?? '';
}
