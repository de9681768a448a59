import { inspect } from 'node:util';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { parseConnectionUrl } from './connection-url.js';

describe('parseConnectionUrl', () => {
  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379 }],
    ['redis://10.0.0.1:7000/2', { host: '10.0.0.1', port: 7000, db: 2 }],
    ['rediss://cache.example:6380', { host: 'cache.example', port: 6380, tls: true }],
    ['valkey://v', { host: 'v', port: 6379 }],
    ['valkeys://v', { host: 'v', port: 6379, tls: true }],
    ['redis://[::1]:6379', { host: '::1', port: 6379 }],
    [
      'redis://us%3Aer:p%40ss%2Fw%23rd@h/0',
      { host: 'h', port: 6379, username: 'us:er', password: 'p@ss/w#rd', db: 0 },
    ],
    ['redis://:secret@h', { host: 'h', port: 6379, password: 'secret' }],
    [
      'redis://h?password=secret&db=3&family=6',
      { host: 'h', port: 6379, password: 'secret', db: 3, family: 6 },
    ],
    ['redis://h/1?ssl_cert_reqs=none', { host: 'h', port: 6379, db: 1 }],
  ])('reads %s', (url, address) => {
    expect(parseConnectionUrl(url, 'connection.url')).toEqual(address);
  });

  it.each([
    '',
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis:///0',
    'redis://h/first',
    'redis://h?db=first',
    'redis://h?family=ipv6',
    'redis://h?family=5',
    'redis://h:port',
    'redis://h:99999',
    'redis://%zz@h',
    undefined,
    6379,
  ])('refuses %p, naming the option', (url) => {
    expect(() => parseConnectionUrl(url, 'connection.url')).toThrow(InvalidCacheOptionsError);
    expect(() => parseConnectionUrl(url, 'connection.url')).toThrow(/^Option connection\.url is /);
  });

  it.each(['redis://user:12/s3cret@h/0', 'redis://:s3cret#@h:1', 'http://u:s3cret@h', 's3cret.'])(
    'shows no password of what it refuses: %s',
    (url) => {
      const error = thrownBy(() =>
        parseConnectionUrl(url.replace('s3cret.', 'x://:s3cret@'), 'url'),
      );
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret');
    },
  );
});

function thrownBy(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error('It did not throw.');
}
