import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { Environment } from '../config/environment.js';
import { ValkeyProcess } from '../embedded/valkey-process.js';

/** The Redis the cache uses: the one at `REDIS_URL`, else an embedded one, else none. */
@Injectable()
export class RedisServer implements OnApplicationShutdown {
  /** For the banner: what the app runs on, without credentials. */
  description = 'none';

  private embedded: ValkeyProcess | undefined;

  constructor(private readonly config: ConfigService<Environment, true>) {}

  /** `false` where the cache is to run on the memory of this process alone. */
  async connection(): Promise<{ url: string } | false> {
    if (!this.config.get('REDIS_ENABLED', { infer: true })) {
      this.description = 'memory of this process (REDIS_ENABLED=false)';
      return false;
    }
    const url = this.config.get('REDIS_URL', { infer: true });
    if (url !== undefined) {
      const { host, protocol } = new URL(url);
      this.description = `Redis at ${protocol}//${host}`;
      return { url };
    }
    this.embedded = await ValkeyProcess.start();
    this.description = `Valkey embedded at ${this.embedded.url}`;
    return { url: this.embedded.url };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.embedded?.stop();
  }
}
