import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const IS_PUBLIC = 'voice-agent:public';

/** Lets a route be called without an API key. */
export const Public = (): CustomDecorator => SetMetadata(IS_PUBLIC, true);
