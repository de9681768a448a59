import { FakeRedisClient } from '../../../../test/support/fake-redis-client.js';
import { askServer, isTooOld } from './server-info.js';

/** A server that answers `INFO server` with these lines. */
function server(...lines: string[]): FakeRedisClient {
  const client = new FakeRedisClient('ready');
  client.answer = () => Promise.resolve(['# Server', ...lines, ''].join('\r\n'));
  return client;
}

describe('askServer', () => {
  it.each([
    [['redis_version:7.0.15', 'redis_mode:standalone'], { name: 'Redis', version: '7.0.15' }],
    [
      ['redis_version:7.2.4', 'server_name:valkey', 'valkey_version:8.1.0'],
      { name: 'Valkey', version: '8.1.0' },
    ],
    [['os:Linux'], undefined],
  ])('reads %j', async (lines, info) => {
    expect(await askServer(server(...lines))).toEqual(info);
  });
});

describe('isTooOld', () => {
  it.each([
    ['Redis', '5.0.14', true],
    ['Redis', '6.0.0', false],
    ['Redis', '10.0.0', false],
    ['Redis', 'unstable', false],
    ['Valkey', '5.0.0', false],
  ])('of %s %s is %p', (name, version, expected) => {
    expect(isTooOld({ name, version })).toBe(expected);
  });
});
