import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { Environment } from '../config/environment.js';
import { ValkeyProcess } from '../embedded/valkey-process.js';

const IN_MEMORY = 'memory of this process (REDIS_ENABLED=false)';

/** The Redis the cache uses: the one at `REDIS_URL`, else an embedded one; none without either. */
@Injectable()
export class RedisServer implements OnApplicationShutdown {
  /** For the banner: what the app runs on, without credentials. */
  description = 'none';

  private embedded: ValkeyProcess | undefined;

  constructor(private readonly config: ConfigService<Environment, true>) {}

  /** `false` where nobody is to be told of evictions either. */
  async connection(): Promise<{ url: string } | false> {
    const isEnabled = this.config.get('REDIS_ENABLED', { infer: true });
    const url = this.config.get('REDIS_URL', { infer: true });
    if (url !== undefined) {
      const { host, protocol } = new URL(url);
      const redis = `Redis at ${protocol}//${host}`;
      this.description = isEnabled ? redis : `${IN_MEMORY}, evictions told to ${redis}`;
      return { url };
    }
    if (!isEnabled) {
      this.description = IN_MEMORY;
      return false;
    }
    this.embedded = await ValkeyProcess.start();
    this.description = `Valkey embedded at ${this.embedded.url}`;
    return { url: this.embedded.url };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.embedded?.stop();
  }
}
