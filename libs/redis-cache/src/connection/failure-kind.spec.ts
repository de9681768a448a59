import { replyError } from '../../../../test/support/fake-redis-client.js';
import { FarTimeoutError, FarUnavailableError } from '../errors/far-tier.error.js';
import { failureKind, failureReason } from './failure-kind.js';

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });
const coded = (code: string, extra: object = {}): Error =>
  Object.assign(new Error(`failed with ${code}`), { code, ...extra });

describe('failureKind', () => {
  it.each([new FarTimeoutError(100), new Error('Command timed out')])(
    'calls it a timeout: %s',
    (error) => {
      expect(failureKind(error)).toBe('timeout');
    },
  );

  it.each([
    replyError("READONLY You can't write against a read only replica."),
    replyError('ERR Error running script: @user_script:1: -READONLY You can not write'),
    replyError('LOADING Redis is loading the dataset in memory'),
    replyError("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."),
    replyError('CLUSTERDOWN The cluster is down'),
    replyError('MISCONF Redis is configured to save RDB snapshots'),
    replyError('NOREPLICAS Not enough good replicas to write.'),
    replyError('BUSY Redis is busy running a script.'),
    replyError('NOAUTH Authentication required.'),
    replyError('WRONGPASS invalid username-password pair or user is disabled.'),
    replyError('DENIED Redis is running in protected mode'),
    replyError('ERR max number of clients reached'),
    new Error('Connection is closed.'),
    new Error("Stream isn't writeable and enableOfflineQueue options is false"),
    new Error("Cluster isn't ready and enableOfflineQueue options is false"),
    new Error('None of startup nodes is available'),
    new Error('Too many Cluster redirections. Last error: ReplyError: MOVED 1 a:1'),
    new Error('Connection in subscriber mode, only subscriber commands may be used'),
    named('MaxRetriesPerRequestError', 'Reached the max retries per request limit'),
    named('ClusterAllFailedError', 'Failed to refresh slots cache.'),
    named('AbortError', 'Command aborted due to connection close'),
    coded('ECONNREFUSED', { syscall: 'connect' }),
    coded('ECONNRESET'),
    coded('EPIPE'),
    coded('ERR_STREAM_DESTROYED'),
    coded('CERT_HAS_EXPIRED'),
    new FarUnavailableError('Redis is away'),
  ])('calls it away: %s', (error) => {
    expect(failureKind(error)).toBe('away');
  });

  it.each([
    replyError('MOVED 3999 127.0.0.1:6381'),
    replyError('ASK 3999 127.0.0.1:6381'),
    new Error('All keys in the pipeline should belong to the same slots allocation group'),
  ])('calls it moved: %s', (error) => {
    expect(failureKind(error)).toBe('moved');
  });

  it.each([
    replyError("OOM command not allowed when used memory > 'maxmemory'."),
    replyError('WRONGTYPE Operation against a key holding the wrong kind of value'),
    replyError("NOPERM this user has no permissions to run the 'eval' command"),
    replyError('NOSCRIPT No matching script. Please use EVAL.'),
    replyError("CROSSSLOT Keys in request don't hash to the same slot"),
    replyError('ERR value is not an integer or out of range'),
    replyError("ERR unknown command 'READONLY '"),
    new TypeError('keys is not iterable'),
    coded('ERR_INVALID_ARG_TYPE'),
    'no error at all',
    undefined,
  ])('calls it refused: %s', (error) => {
    expect(failureKind(error)).toBe('refused');
  });
});

describe('failureReason', () => {
  it('is the message, on one short line', () => {
    expect(failureReason(new Error('first\nsecond'))).toBe('first');
    expect(failureReason(new Error('x'.repeat(500)))).toHaveLength(200);
  });

  it('finds one where a host has several addresses and the error no message', () => {
    const refused = new Error('connect ECONNREFUSED ::1:6379');
    expect(failureReason(new AggregateError([refused, new Error('other')], ''))).toBe(
      refused.message,
    );
    expect(failureReason(Object.assign(new AggregateError([], ''), { code: 'ETIMEDOUT' }))).toBe(
      'ETIMEDOUT',
    );
  });

  it('says what the nodes of a cluster said', () => {
    const error = Object.assign(new Error('Failed to refresh slots cache.'), {
      lastNodeError: replyError('NOAUTH Authentication required.'),
    });
    expect(failureReason(error)).toBe(
      'Failed to refresh slots cache. NOAUTH Authentication required.',
    );
  });

  it('carries no secret', () => {
    expect(failureReason(new Error('Invalid URL redis://u:s3cret@h'))).toBe(
      'Invalid URL redis://u:***@h',
    );
  });

  it('makes do with what is no error', () => {
    expect(failureReason('odd')).toBe('odd');
    expect(failureReason(undefined)).toBe('undefined');
    expect(failureReason(new RangeError(''))).toBe('RangeError');
  });
});
