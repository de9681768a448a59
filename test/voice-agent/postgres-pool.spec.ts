import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { openPool } from '../../apps/voice-agent/src/database/postgres-pool.js';

/** What PostgreSQL says to whom it lets in: AuthenticationOk, and ReadyForQuery. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

describe('the pool of connections to PostgreSQL', () => {
  const sockets: Socket[] = [];
  let server: Server;
  let pool: Pool;

  beforeEach(async () => {
    server = createServer((socket) => {
      sockets.push(socket);
      socket.once('data', () => socket.write(WELCOME));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    pool = openPool(`postgres://app:s3cret@127.0.0.1:${port}/voice_agent`);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await pool.end();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('outlives a server that ends a connection nobody uses, and says so without the password', async () => {
    const said = new Promise<unknown>((resolve) => {
      jest.spyOn(Logger.prototype, 'warn').mockImplementation(resolve);
    });
    (await pool.connect()).release();
    sockets[0]?.destroy();
    expect(await said).toMatch(/^PostgreSQL ended a connection: (?!.*s3cret)/);

    (await pool.connect()).release();
    expect(sockets).toHaveLength(2);
  });
});
