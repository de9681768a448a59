import { replyError } from '../../../../test/support/fake-redis-client.js';
import { lackingPermission } from './permissions.js';

const TERRITORY = { keys: 'crm:*', channels: ['crm:bus*', '{crm}:bus*'] };

describe('lackingPermission', () => {
  it.each([
    ["NOPERM this user has no permissions to run the 'get' command or its subcommand", '+get'],
    ["NOPERM this user has no permissions to run the 'evalsha' command", '+eval +evalsha'],
    ["NOPERM User app has no permissions to run the 'eval' command", '+eval +evalsha'],
    ["NOPERM User app has no permissions to run the 'client|tracking' command", '+client|tracking'],
    ['NOPERM this user has no permissions to access one of the keys used as arguments', '~crm:*'],
    ['NOPERM No permissions to access a key', '~crm:*'],
    [
      'NOPERM this user has no permissions to access one of the channels used as arguments',
      '&crm:bus* &{crm}:bus*',
    ],
    ['NOPERM No permissions to access a channel', '&crm:bus* &{crm}:bus*'],
    ['NOPERM for a reason of a version to come', undefined],
    ['READONLY You cannot write against a read only replica.', undefined],
  ])('of %p is %p', (message, permission) => {
    expect(lackingPermission(replyError(message), TERRITORY)).toBe(permission);
  });

  it('is nothing where something else than Redis has failed', () => {
    expect(lackingPermission('NOPERM', TERRITORY)).toBeUndefined();
  });
});
