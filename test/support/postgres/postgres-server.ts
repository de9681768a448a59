import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { newDataFolder } from '../data-folder.js';
import { Watchdog } from '../redis/watchdog.js';

/** Where Debian keeps the programs of a server, by version. */
const DEBIAN = '/usr/lib/postgresql';
const PORT = 5432;
const READY_MS = 20_000;

/** The folder of the programs of a PostgreSQL server; undefined where there is none, an error in CI. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort().reverse() : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
  ];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')));
  if (found !== undefined) return found;
  const remedy = `No initdb is on PATH or in ${DEBIAN}: install a PostgreSQL server.`;
  if (process.env.CI === 'true') throw new Error(remedy);
  console.warn(`${remedy} Tests against one are skipped; PGlite is used all the same.`);
  return undefined;
}

/** A PostgreSQL server of a test's own, reached by a socket in its folder. */
export class PostgresServer {
  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcess,
    private readonly watchdog: Watchdog,
  ) {}

  /** @param programs what {@link postgresPrograms} gave */
  static async start(programs: string): Promise<PostgresServer> {
    const folder = await newDataFolder('postgres');
    const as = someoneElse();
    if (as) chownSync(folder, as.uid, as.gid);
    const data = join(folder, 'data');
    const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8'];
    execFileSync(join(programs, 'initdb'), init, { ...as, cwd: folder, stdio: 'ignore' });
    const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=off'];
    const child = spawn(
      join(programs, 'postgres'),
      ['-D', data, '-p', `${PORT}`, ...settings.flatMap((setting) => ['-c', setting])],
      { ...as, cwd: folder, stdio: 'ignore' },
    );
    const server = new PostgresServer(folder, child, Watchdog.over(child.pid as number));
    await server.ready();
    return server;
  }

  get url(): string {
    return `postgresql:///postgres?host=${encodeURIComponent(this.folder)}&port=${PORT}&user=postgres`;
  }

  /** Connections to it, made as they are needed. */
  pool(max = 5): Pool {
    const pool = new Pool({ host: this.folder, port: PORT, user: 'postgres', max });
    pool.on('error', () => undefined);
    return pool;
  }

  /** Stops answering; connections stay open. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGQUIT');
    await ended;
    this.watchdog.dismiss();
    await rm(this.folder, { recursive: true });
  }

  private async ready(): Promise<void> {
    const pool = this.pool(1);
    const untilMs = Date.now() + READY_MS;
    for (;;) {
      try {
        await pool.query('SELECT 1');
        break;
      } catch (error) {
        if (Date.now() > untilMs) throw error;
        await sleep(20);
      }
    }
    await pool.end();
  }
}

/** PostgreSQL refuses to run as root. */
function someoneElse(): { uid: number; gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
