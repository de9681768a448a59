import { Cache, CACHE_MANAGER, CacheInterceptor, CacheKey, CacheTTL } from '@nestjs/cache-manager';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Param,
  Post,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';

export interface Price {
  symbol: string;
  cents: number;
}

/** Written against @nestjs/cache-manager alone, as an application has it that knows nothing of us. */
@Injectable()
class PriceService {
  loads = 0;

  constructor(@Inject(CACHE_MANAGER) private readonly cache: Cache) {}

  async price(symbol: string): Promise<Price> {
    const key = `price:${symbol}`;
    const cached = await this.cache.get<Price>(key);
    if (cached) return cached;
    const price = this.load(symbol);
    await this.cache.set(key, price, 60_000);
    return price;
  }

  wrapped(symbol: string): Promise<Price> {
    return this.cache.wrap(`wrapped:${symbol}`, () => Promise.resolve(this.load(symbol)), 60_000);
  }

  async all(symbols: string[]): Promise<(Price | undefined)[]> {
    await this.cache.mset(symbols.map((symbol) => ({ key: symbol, value: this.load(symbol) })));
    await this.cache.mdel(symbols.slice(1, 2));
    return this.cache.mget<Price>(symbols);
  }

  async forget(symbol: string): Promise<boolean> {
    return this.cache.del(`price:${symbol}`);
  }

  async forgetAll(): Promise<boolean> {
    return this.cache.clear();
  }

  load(symbol: string): Price {
    this.loads += 1;
    return { symbol, cents: this.loads };
  }
}

/** The same by the class that newer versions have as a token. */
@Injectable()
class LastSeen {
  constructor(private readonly cache: Cache) {}

  async see(symbol: string): Promise<string | undefined> {
    const before = await this.cache.get<string>('last');
    await this.cache.set('last', symbol);
    return before;
  }
}

@Controller('prices')
class PriceController {
  constructor(
    private readonly prices: PriceService,
    private readonly lastSeen: LastSeen,
  ) {}

  @Get('service/:symbol')
  price(@Param('symbol') symbol: string): Promise<Price> {
    return this.prices.price(symbol);
  }

  @Get('wrapped/:symbol')
  wrapped(@Param('symbol') symbol: string): Promise<Price> {
    return this.prices.wrapped(symbol);
  }

  @Get('all/:symbols')
  all(@Param('symbols') symbols: string): Promise<(Price | undefined)[]> {
    return this.prices.all(symbols.split(','));
  }

  @Get('last/:symbol')
  async last(@Param('symbol') symbol: string): Promise<{ before: string | null }> {
    return { before: (await this.lastSeen.see(symbol)) ?? null };
  }

  @Get('response/:symbol')
  @UseInterceptors(CacheInterceptor)
  response(@Param('symbol') symbol: string): Price {
    return this.prices.load(symbol);
  }

  @Get('named')
  @CacheKey('all-prices')
  @CacheTTL(60_000)
  @UseInterceptors(CacheInterceptor)
  named(): Price {
    return this.prices.load('named');
  }

  @Get('file')
  @UseInterceptors(CacheInterceptor)
  file(): StreamableFile {
    return new StreamableFile(Buffer.from(`file ${String(this.prices.load('file').cents)}`));
  }

  @Post('response/:symbol')
  @UseInterceptors(CacheInterceptor)
  change(@Param('symbol') symbol: string): Price {
    return this.prices.load(symbol);
  }

  @Post('forget/:symbol')
  async forget(@Param('symbol') symbol: string): Promise<{ done: boolean }> {
    return { done: await this.prices.forget(symbol) };
  }

  @Post('forget')
  async forgetAll(): Promise<{ done: boolean }> {
    return { done: await this.prices.forgetAll() };
  }
}

/** All of it but the module that gives it a cache. */
@Module({ controllers: [PriceController], providers: [PriceService, LastSeen] })
export class PriceModule {}
