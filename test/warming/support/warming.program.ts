import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheWarmer, RedisCacheModule, type CacheWarmup } from 'nestjs-redis-cache';

/** What the program is told by its one argument. */
export interface WarmingRequest {
  readonly url: string;
  readonly prefix: string;
}

const { url, prefix } = JSON.parse(process.argv[2] ?? '{}') as WarmingRequest;

@Injectable()
@CacheWarmer({ name: 'leads' })
class EndlessWarmer implements CacheWarmup {
  *warm() {
    yield () => {
      process.send?.('warming');
      return new Promise(() => undefined);
    };
  }
}

@Module({
  imports: [
    RedisCacheModule.forRoot({
      connection: { url },
      prefix,
      timeouts: { command: '10s' },
      warming: { lease: '1s' },
    }),
  ],
  providers: [EndlessWarmer],
})
class AppModule {}

void NestFactory.createApplicationContext(AppModule, { logger: false });
