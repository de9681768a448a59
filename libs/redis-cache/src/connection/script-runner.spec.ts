import { createHash } from 'node:crypto';
import { FakeRedisClient, replyError } from '../../../../test/support/fake-redis-client.js';
import { Script } from './script-runner.js';

describe('Script', () => {
  const script = new Script('take', `\nreturn redis.call('GETDEL', KEYS[1])\n`, 1);
  const lua = `-- take\nreturn redis.call('GETDEL', KEYS[1])\n`;
  const sha = createHash('sha1').update(lua).digest('hex');

  const clientWith = (evalshaBuffer: jest.Mock) =>
    Object.assign(new FakeRedisClient('ready'), {
      evalshaBuffer,
      evalBuffer: jest.fn().mockResolvedValue('by text'),
    });

  it('is named by its digest', async () => {
    const client = clientWith(jest.fn().mockResolvedValue('by digest'));
    const bytes = Buffer.from([0, 255]);
    await expect(script.run(client, ['key'], ['a', 1, bytes])).resolves.toBe('by digest');
    expect(client.evalshaBuffer).toHaveBeenCalledWith(sha, 1, 'key', 'a', 1, bytes);
    expect(client.evalBuffer).not.toHaveBeenCalled();
  });

  it('is sent as text where the server does not know it', async () => {
    const client = clientWith(
      jest.fn().mockRejectedValue(replyError('NOSCRIPT No matching script.')),
    );
    await expect(script.run(client, ['key'], [1])).resolves.toBe('by text');
    expect(client.evalBuffer).toHaveBeenCalledWith(lua, 1, 'key', 1);
  });

  it('that must not be overtaken is not run where the server does not know it, but told to it', async () => {
    const known = clientWith(jest.fn().mockResolvedValue('by digest'));
    const idle = () => ({ keys: ['key'], args: [0] });
    await expect(script.runInOrder(known, ['key'], [1], idle)).resolves.toBe('by digest');
    expect(known.evalshaBuffer).toHaveBeenCalledWith(sha, 1, 'key', 1);
    expect(known.evalBuffer).not.toHaveBeenCalled();
    const unknown = clientWith(
      jest.fn().mockRejectedValue(replyError('NOSCRIPT No matching script.')),
    );
    await expect(script.runInOrder(unknown, ['key'], [1], idle)).resolves.toBeUndefined();
    expect(unknown.evalBuffer).toHaveBeenCalledWith(lua, 1, 'key', 0);
    unknown.evalBuffer.mockRejectedValue(replyError('ERR no script may be sent here'));
    await expect(script.runInOrder(unknown, ['key'], [1], idle)).resolves.toBeUndefined();
  });

  it('fails as its client does, without another attempt', async () => {
    const error = replyError("NOPERM this user has no permissions to run the 'evalsha' command");
    const client = clientWith(jest.fn().mockRejectedValue(error));
    await expect(script.run(client, ['key'], [])).rejects.toBe(error);
    expect(client.evalBuffer).not.toHaveBeenCalled();
  });

  it('is given as many keys as it takes or a multiple, or nothing is sent', async () => {
    const client = clientWith(jest.fn().mockResolvedValue('by digest'));
    const pairwise = new Script('pairs', 'return #KEYS', 2);
    for (const keys of [[], ['a'], ['a', 'b', 'c']]) {
      await expect(pairwise.run(client, keys, [])).rejects.toThrow(
        `Script pairs takes 2 keys or a multiple, not ${keys.length}.`,
      );
    }
    expect(client.evalshaBuffer).not.toHaveBeenCalled();
    await pairwise.run(client, ['a', 'b', 'c', 'd'], ['x']);
    expect(client.evalshaBuffer).toHaveBeenCalledWith(
      expect.stringMatching(/^[0-9a-f]{40}$/),
      4,
      ...['a', 'b', 'c', 'd', 'x'],
    );
  });
});
