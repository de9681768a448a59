import { CacheInterceptor } from '@nestjs/cache-manager';
import {
  Controller,
  Get,
  Injectable,
  Req,
  UseGuards,
  UseInterceptors,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { CachedResponsesOptions } from 'nestjs-redis-cache/cache-manager';
import { RecordingLogger } from '../module/support/recording-logger.js';
import { CacheApps } from '../support/cache-apps.js';
import { bootPrices } from './support/price-apps.js';

interface User {
  readonly name: string;
}

interface UserRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  user?: User;
}

@Injectable()
class SignIn implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<UserRequest>();
    request.user = { name: String(request.headers.authorization) };
    return true;
  }
}

@Controller('prices/me')
class MeController {
  @Get()
  @UseGuards(SignIn)
  @UseInterceptors(CacheInterceptor)
  me(@Req() { user }: UserRequest): User | undefined {
    return user;
  }
}

const userIn = (context: ExecutionContext): User => {
  const { user } = context.switchToHttp().getRequest<UserRequest>();
  return user ?? { name: '' };
};

/** `getRequest()` is `any` in most applications, so that the compiler lets all of these pass. */
const as = (give: (user: User) => unknown) =>
  ((context) => give(userIn(context))) as CachedResponsesOptions['userOf'];

describe('what responses.userOf gives', () => {
  const apps = new CacheApps();
  let logger: RecordingLogger;

  beforeEach(() => {
    logger = new RecordingLogger();
  });

  const boot = async (give: (user: User) => unknown) => {
    const manager = { responses: { userOf: as(give) } };
    const app = await bootPrices(apps, 'memory', {
      manager,
      logger,
      controllers: [MeController],
      providers: [SignIn],
    });
    return async (authorization: string) => {
      const { body, cached } = await app.get('me', 'acme', { authorization });
      return [(body as User).name, cached];
    };
  };
  const told = () =>
    logger
      .of('warn')
      .map(([text]) => String(text))
      .filter((text) => text.includes('userOf'));

  it.each<[string, (user: User) => unknown]>([
    ['an object (Object)', (user) => user],
    ['an object (Array)', (user) => [user]],
    ['an object', () => Object.create(null) as unknown],
    ['a Promise', ({ name }) => Promise.resolve(name)],
    ['a function', () => () => 'ann'],
    ['a symbol', () => Symbol('user')],
    ['a boolean', () => true],
    ['NaN', ({ name }) => Number(name)],
    ['Infinity', () => Infinity],
  ])('shares no response among users where it is %s, and is told once', async (what, give) => {
    const me = await boot(give);
    expect(await me('ann')).toEqual(['ann', null]);
    expect(await me('bob')).toEqual(['bob', null]);
    expect(await me('ann')).toEqual(['ann', null]);
    expect(told()).toEqual([
      `responses.userOf gave ${what}, and the response was not cached. Have it give a text or a ` +
        `number that is the user's alone: an id, by .toString() where it is an object, and no Promise.`,
    ]);
  });

  it.each<[string, (user: User) => unknown]>([
    ['a text', ({ name }) => name],
    ['a number', ({ name }) => name.charCodeAt(0)],
    ['a bigint', ({ name }) => BigInt(name.charCodeAt(0))],
    ['zero, or another number', ({ name }) => name.charCodeAt(0) - 'a'.charCodeAt(0)],
  ])('has each user have their own where it is %s', async (_what, give) => {
    const me = await boot(give);
    expect(await me('ann')).toEqual(['ann', 'MISS']);
    expect(await me('bob')).toEqual(['bob', 'MISS']);
    expect(await me('ann')).toEqual(['ann', 'HIT']);
    expect(await me('bob')).toEqual(['bob', 'HIT']);
    expect(told()).toEqual([]);
  });

  it.each([undefined, null, ''])('is nobody where it is %p, and nothing is told', async (user) => {
    const me = await boot(() => user);
    expect(await me('ann')).toEqual(['ann', null]);
    expect(await me('bob')).toEqual(['bob', null]);
    expect(told()).toEqual([]);
  });
});
