import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { freePort } from './free-port.js';

const BUS_OF_A_NODE = 10_000;

/** The first port that the system gives an outgoing connection. */
function lowestOutgoing(): number {
  if (process.platform !== 'linux') return 49_152;
  return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t')[0]);
}

describe('a free port', () => {
  it('can be listened on, and is none that an outgoing connection may take', async () => {
    const port = await freePort();
    expect(port + BUS_OF_A_NODE).toBeLessThan(lowestOutgoing());
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  });
});
