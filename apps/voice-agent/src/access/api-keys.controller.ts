import { ConflictException, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RateLimited } from 'nestjs-redis-cache/throttler';
import { z } from 'zod';
import { hashApiKey } from './api-key-hash.js';
import { API_KEY_HEADER } from './api-key.guard.js';
import { ApiKeysService } from './api-keys.service.js';

const newKey = z.object({ apiKey: z.string() }).meta({ id: 'NewApiKey' });

@ApiTags('access')
@Controller('api-key')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post('rotate')
  @HttpCode(200)
  @RateLimited('auth')
  @ApiOperation({ summary: 'Replace the API key of this request by a new one' })
  @ApiOkResponse({ standardSchema: newKey, description: 'The new key, shown this once' })
  async rotate(@Headers(API_KEY_HEADER) key: string): Promise<z.infer<typeof newKey>> {
    const apiKey = await this.apiKeys.rotate(hashApiKey(key));
    if (apiKey === null) throw new ConflictException('This key was replaced by another request');
    return { apiKey };
  }
}
