import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CacheStatistics } from 'nestjs-redis-cache';
import { DEVELOPMENT_WEBHOOK_SECRET } from '../config/environment.js';

/** What the app has done since its start. */
export interface Counts {
  readonly queries: number;
  readonly cache: CacheStatistics;
}

/** The app in a process of its own, so that the load is not made by the process that bears it. */
export class AppProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** With an empty database that gets the sample data, and lives in memory. */
  static async start(environment: Record<string, string>): Promise<AppProcess> {
    const child = fork(join(__dirname, 'app-host.js'), {
      env: {
        ...process.env,
        DATABASE_URL: '',
        PGLITE_DIR: 'memory://',
        SEED: 'true',
        REDIS_ENABLED: 'true',
        // What is measured is the replay alone, which tells of the outage itself.
        CACHE_WARM: 'false',
        ALERTS_ENABLED: 'false',
        ELEVENLABS_WEBHOOK_SECRET: DEVELOPMENT_WEBHOOK_SECRET,
        ...environment,
      },
    });
    const [report] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => []),
    ])) as [{ url: string }?];
    if (!report) throw new Error('The app did not start');
    return new AppProcess(report.url, child);
  }

  async counts(): Promise<Counts> {
    const answer = once(this.child, 'message');
    this.child.send('counts?');
    const [counts] = (await answer) as [Counts];
    return counts;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}
