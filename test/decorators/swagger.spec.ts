import { Body, Controller, Delete, Get, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
  DocumentBuilder,
  SwaggerModule,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { Cacheable, CacheEvict, CachePut } from 'nestjs-redis-cache';
import { CacheApps } from '../support/cache-apps.js';

class Lead {
  @ApiProperty()
  id!: number;

  @ApiProperty({ required: false })
  name?: string;
}

/** Decorators of one method, the first one above. */
function all(...decorators: unknown[]): MethodDecorator {
  return (target, property, descriptor) => {
    for (const decorate of decorators.toReversed()) {
      (decorate as MethodDecorator)(target, property, descriptor);
    }
  };
}

/** The same controller with caching decorators at these places, or with none. */
function controllerWith(place: 'above' | 'below' | 'nowhere') {
  const around = (own: unknown, ...others: MethodDecorator[]) => {
    const places = { above: [own, ...others], below: [...others, own], nowhere: others };
    return all(...places[place]);
  };

  @ApiTags('leads')
  @Controller('leads')
  class LeadController {
    @around(
      Cacheable('lead.byId'),
      Get(':id'),
      ApiOkResponse({ type: Lead }),
      ApiOperation({ summary: 'one lead' }),
    )
    async byId(@Param('id', ParseIntPipe) id: number): Promise<Lead> {
      return { id };
    }

    @around(Cacheable('lead.search'), Get())
    async search(@Query('name') name: string, @Query('page') page?: number): Promise<Lead[]> {
      return [{ id: page ?? 1, name }];
    }

    @around(
      CachePut('lead.byId', { resultKey: (lead: Lead) => lead.id }),
      Post(),
      ApiCreatedResponse({ type: Lead }),
    )
    async create(@Body() lead: Lead): Promise<Lead> {
      return lead;
    }

    @around(CacheEvict('lead.byId'), Delete(':id'))
    async remove(@Param('id', ParseIntPipe) _id: number): Promise<void> {
      return undefined;
    }
  }
  return LeadController;
}

describe('the OpenAPI document of cached routes', () => {
  const apps = new CacheApps();

  async function documentWith(place: 'above' | 'below' | 'nowhere'): Promise<OpenAPIObject> {
    const app = await apps.boot({ controllers: [controllerWith(place)] });
    return SwaggerModule.createDocument(app.nest, new DocumentBuilder().setTitle('leads').build());
  }

  it.each(['above', 'below'] as const)(
    'is that of the routes without a cache, the decorators standing %s',
    async (place) => {
      const plain = await documentWith('nowhere');
      expect(Object.keys(plain.paths)).toEqual(['/leads/{id}', '/leads']);
      expect(plain.paths['/leads/{id}']?.get?.summary).toBe('one lead');
      expect(Object.keys(plain.components?.schemas ?? {})).toEqual(['Lead']);
      expect(await documentWith(place)).toEqual(plain);
    },
  );
});
