import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PeerMessage } from './peer.program.js';
import { fail, type Verdict } from './verdict.js';

/** One library and all that was seen of it. */
export interface PeerRun {
  readonly name: string;
  readonly version: string;
  readonly settings: string;
  readonly strengths: string;
  /** By the name of the case. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

const ROOT = join(__dirname, '../..');
const PROGRAM = join(__dirname, 'peer.program.ts');
const REGISTER = join(ROOT, 'test/support/typescript/register.cjs');

/** Tries all cases on a library, in a child process; one that dies fails its case, and is replaced. */
export async function runPeer(
  name: string,
  redisUrl: string,
  cases: readonly string[],
  onVerdict: (name: string, verdict: Verdict) => void,
): Promise<PeerRun> {
  const about = { version: '', settings: '', strengths: '' };
  const verdicts = new Map<string, Verdict>();
  const judge = (one: string, verdict: Verdict): void => {
    verdicts.set(one, verdict);
    onVerdict(one, verdict);
  };
  for (;;) {
    const left = cases.filter((one) => !verdicts.has(one));
    if (left.length === 0) return { name, ...about, verdicts };
    let begun = left[0] ?? '';
    const child = fork(PROGRAM, [name, redisUrl, ...left], {
      execArgv: ['--require', REGISTER],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (message: PeerMessage) => {
      switch (message.kind) {
        case 'library':
          Object.assign(about, message);
          break;
        case 'begun':
          begun = message.name;
          break;
        case 'verdict':
          judge(message.name, message.verdict);
          break;
        case 'done':
          child.kill('SIGKILL');
          break;
      }
    });
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    if (!verdicts.has(begun)) judge(begun, fail(`the process ended (${code ?? signal ?? ''})`));
  }
}
