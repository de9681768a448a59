import { failureKind } from '../connection/failure-kind.js';
import type { InfoReply } from '../connection/info-reply.js';
import { askInfo } from '../connection/redis-figures.js';
import type { Session } from './session.js';

/** What each server says of itself; none where the user of Redis may not ask. */
export async function infoOf({ connection }: Session): Promise<InfoReply[]> {
  try {
    return await connection.run(askInfo);
  } catch (error) {
    if (failureKind(error) !== 'refused') throw error;
    return [];
  }
}
