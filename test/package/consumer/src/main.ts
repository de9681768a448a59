import 'reflect-metadata';
import { isDeepStrictEqual } from 'node:util';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cacheable, RedisCacheModule } from 'nestjs-redis-cache';

interface Quote {
  symbol: string;
  asOf: Date;
}

@Injectable()
class QuoteService {
  loads = 0;

  @Cacheable('quote', { key: (symbol: string) => symbol, scope: 'global' })
  find(symbol: string): Promise<Quote> {
    this.loads += 1;
    return Promise.resolve({ symbol, asOf: new Date() });
  }
}

@Module({
  imports: [RedisCacheModule.forRoot({ connection: false, caches: { quote: { ttl: '1m' } } })],
  providers: [QuoteService],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  const quotes = app.get(QuoteService);
  const first = await quotes.find('ACME');
  const second = await quotes.find('ACME');
  await app.close();
  const isSecondEqual = isDeepStrictEqual(first, second);
  console.log(JSON.stringify({ loads: quotes.loads, isSecondEqual }));
}

void main();
