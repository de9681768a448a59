import {
  Controller,
  createParamDecorator,
  Get,
  Next,
  Param,
  Post,
  Req,
  Res,
  Sse,
  type MessageEvent,
  type Type,
} from '@nestjs/common';
import {
  Cacheable,
  CacheEvict,
  CachePut,
  InvalidDecoratorError,
  TenantMissingError,
} from 'nestjs-redis-cache';
import { Observable, of } from 'rxjs';
import { CacheApps } from '../support/cache-apps.js';

interface Request {
  url: string;
}

const OWN_RESPONSE =
  'stands on a route that takes the response into its own hands (@Res() or @Next()). ' +
  'Return the value instead, or cache a method of a service.';
const WHOLE_REQUEST =
  'would make the key of the whole request (@Req()). ' +
  'Say which part of it counts: key: (request: Request) => request.url.';
const STREAM = 'stands on an @Sse() route. A stream has no one value to cache.';

@Controller()
class WithResponse {
  @Get()
  @Cacheable('route', { key: (id: string) => id })
  async get(@Param('id') id: string, @Res() _response: object): Promise<string> {
    return id;
  }
}

@Controller()
class WithPassthrough {
  @Get()
  @Cacheable('route', { key: (id: string) => id })
  async get(
    @Param('id') id: string,
    @Res({ passthrough: true }) _response: object,
  ): Promise<string> {
    return id;
  }
}

@Controller()
class WithNext {
  @Cacheable('route')
  @Get()
  async get(@Next() _next: () => void): Promise<string> {
    return '';
  }
}

@Controller()
class WithStreamAbove {
  @Sse()
  @Cacheable('route')
  events(): Observable<MessageEvent> {
    return of({ data: '' });
  }
}

@Controller()
class WithStreamBelow {
  @Cacheable('route')
  @Sse()
  events(): Observable<MessageEvent> {
    return of({ data: '' });
  }
}

@Controller()
class WithRequest {
  @Get()
  @Cacheable('route')
  async get(@Req() request: Request): Promise<string> {
    return request.url;
  }
}

@Controller()
class WithRequestPut {
  @Post()
  @CachePut('route')
  async get(@Req() request: Request): Promise<string> {
    return request.url;
  }
}

@Controller()
class WithRequestEvicted {
  @Post()
  @CacheEvict('route')
  async get(@Req() request: Request): Promise<string> {
    return request.url;
  }
}

class Inheriting extends WithResponse {}
Controller('inheriting')(Inheriting);

describe('a cached route stops the boot', () => {
  const apps = new CacheApps();

  it.each<[Type, string, string]>([
    [WithResponse, '@Cacheable on WithResponse.get', OWN_RESPONSE],
    [WithPassthrough, '@Cacheable on WithPassthrough.get', OWN_RESPONSE],
    [Inheriting, '@Cacheable on WithResponse.get', OWN_RESPONSE],
    [WithNext, '@Cacheable on WithNext.get', OWN_RESPONSE],
    [WithStreamAbove, '@Cacheable on WithStreamAbove.events', STREAM],
    [WithStreamBelow, '@Cacheable on WithStreamBelow.events', STREAM],
    [WithRequest, '@Cacheable on WithRequest.get', WHOLE_REQUEST],
    [WithRequestPut, '@CachePut on WithRequestPut.get', WHOLE_REQUEST],
    [WithRequestEvicted, '@CacheEvict on WithRequestEvicted.get', WHOLE_REQUEST],
  ])('where a hit could not answer it: %p', async (controller, place, problem) => {
    const error = await apps.boot({ controllers: [controller] }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidDecoratorError);
    expect(error).toMatchObject({ place, message: `${place} ${problem}` });
  });
});

describe('a cached route may', () => {
  const apps = new CacheApps();

  it('take the request where a key says what of it counts', async () => {
    @Controller()
    class Keyed {
      @Get()
      @Cacheable('route', { key: (request: Request) => request.url })
      async get(@Req() request: Request): Promise<string> {
        return request.url;
      }

      @Post()
      @CachePut('route', { resultKey: (url: string) => url })
      async put(@Req() request: Request): Promise<string> {
        return request.url;
      }
    }
    const { nest } = await apps.boot({ controllers: [Keyed] });
    expect(nest.get(Keyed)).toBeInstanceOf(Keyed);
  });

  it('write its response where it only puts and evicts', async () => {
    @Controller()
    class Writing {
      @Post()
      @CachePut('route', { key: (id: string) => id })
      @CacheEvict('other', { key: (id: string) => id })
      async put(@Param('id') id: string, @Res() _response: object): Promise<string> {
        return id;
      }
    }
    const { nest } = await apps.boot({ controllers: [Writing] });
    expect(nest.get(Writing)).toBeInstanceOf(Writing);
  });

  it('have parameter decorators of its own, whatever id Nest gives them', async () => {
    const User = createParamDecorator(() => 'ada');
    @Controller()
    class Own {
      @Get()
      @Cacheable('route')
      async get(@User() user: string): Promise<string> {
        return user;
      }
    }
    const ids = ['0a', '1b', '2c', '10', 'f0'].map((id) => `${id}ffff__customRouteArgs__:0`);
    const notes = Reflect.getMetadata('__routeArguments__', Own, 'get') as Record<string, unknown>;
    expect(Object.keys(notes)).toEqual([
      expect.stringMatching(/^[\da-f]{21}__customRouteArgs__:0$/),
    ]);
    const [note] = Object.values(notes);
    const renamed = Object.fromEntries(ids.map((id) => [id, note]));
    Reflect.defineMetadata('__routeArguments__', renamed, Own, 'get');
    const { nest } = await apps.boot({ controllers: [Own] });
    expect(nest.get(Own)).toBeInstanceOf(Own);
  });

  it('do in a service what it may not in a controller', async () => {
    const { nest } = await apps.boot({ providers: [WithResponse] });
    await expect(nest.get(WithResponse).get('1', {})).rejects.toBeInstanceOf(TenantMissingError);
  });
});
