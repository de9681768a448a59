import { redactSecrets, redactUrl } from './redact.js';

describe('redactUrl', () => {
  it.each([
    ['redis://user:secret@host:6379/0', 'redis://user:***@host:6379/0'],
    ['redis://:secret@host', 'redis://:***@host'],
    ['rediss://user:s%40cret@host:6380', 'rediss://user:***@host:6380'],
    ['redis://host:6379/0?password=secret&db=1', 'redis://host:6379/0?password=***&db=1'],
    ['redis://host?db=1&sentinelPassword=secret', 'redis://host?db=1&sentinelPassword=***'],
    ['redis://user:12/secret@host', 'redis://user:***@host'],
    ['redis://user:sec@ret@host', 'redis://user:***@host'],
    ['redis://user:sec#ret@host', 'redis://user:***@host'],
    ['redis//:secret@host', 'redis//:***@host'],
    ['user:secret@host', 'user:***@host'],
    ['redis://user@host:6379', 'redis://user@host:6379'],
    ['redis://host:6379/0', 'redis://host:6379/0'],
    ['redis://[::1]:6379', 'redis://[::1]:6379'],
    ['', ''],
  ])('%s reads %s', (url, redacted) => {
    expect(redactUrl(url)).toBe(redacted);
  });
});

describe('redactSecrets', () => {
  it('hides the passwords of all URLs in a text', () => {
    const text = 'tried redis://a:one@x:1, "rediss://b:two@y" and redis://z';
    expect(redactSecrets(text)).toBe('tried redis://a:***@x:1, "rediss://b:***@y" and redis://z');
  });

  it('hides fields that are passwords by their name', () => {
    const text = `{ host: 'x', password: 'one', sentinelPassword: "two", "password":"three" } passwd=four`;
    const redacted = redactSecrets(text);
    expect(redacted).toContain(`host: 'x'`);
    expect(redacted).not.toMatch(/one|two|three|four/);
  });

  it('leaves what Redis says about passwords readable', () => {
    const text = 'WRONGPASS invalid username-password pair or user is disabled.';
    expect(redactSecrets(text)).toBe(text);
  });
});
