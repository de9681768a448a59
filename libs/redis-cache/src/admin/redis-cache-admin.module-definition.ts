import { ConfigurableModuleBuilder } from '@nestjs/common';
import { adminControllers } from './admin-controllers.js';
import {
  ADMIN_SURFACE,
  resolveSurface,
  type AdminRuntimeOptions,
  type AdminSurfaceOptions,
} from './admin.options.js';

/** What a class given to `registerAsync` as `useClass` or `useExisting` has to offer. */
export interface RedisCacheAdminOptionsFactory {
  createRedisCacheAdminOptions(): Promise<AdminRuntimeOptions> | AdminRuntimeOptions;
}

/** Every option that a factory cannot give. */
const SURFACE: AdminSurfaceOptions = {
  path: undefined,
  guards: undefined,
  unprotected: undefined,
  decorators: undefined,
  page: undefined,
  imports: undefined,
};

/** `RAW_ADMIN_OPTIONS` is the token of the options as given; everybody else injects the resolved ones. */
export const {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN: RAW_ADMIN_OPTIONS,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<AdminRuntimeOptions>({ moduleName: 'RedisCacheAdmin' })
  .setClassMethodName('register')
  .setFactoryMethodName('createRedisCacheAdminOptions')
  .setExtras(SURFACE, (definition, surfaceOptions) => {
    const surface = resolveSurface(surfaceOptions);
    return {
      ...definition,
      imports: [...(definition.imports ?? []), ...(surfaceOptions.imports ?? [])],
      controllers: adminControllers(surface),
      providers: [...(definition.providers ?? []), { provide: ADMIN_SURFACE, useValue: surface }],
    };
  })
  .build();
