/** The configuration: models, providers, defaults, prices and tasks by name, once for the command line, the library and the server. */
export { CONFIG_FILES, loadConfig, type LoadConfigOptions, type LoadedConfig } from './load.ts';
export type { ListedPrice, PriceList } from './prices.ts';
export { ConfigError } from './read.ts';
export {
  checkConfig,
  defineConfig,
  type Defaults,
  type NamedModel,
  type PackageProvider,
  type PlusxConfig,
  type ProviderConfig,
  type RequestDefaults,
  type ServerProvider,
  type TaskConfig,
  type TaskMapping,
  type Variable,
} from './schema.ts';
export type { LogLevel, LogsConfig, ServeConfig, ServeLimits } from './serve.ts';
export type { FailureKind, HedgeConfig, StandbyConfig } from './standby/index.ts';
export { withDotenv, type Environment, type WithDotenv } from './variables.ts';
export { openModels, type LoadedModel, type Models, type NamedOptions, type OpenModelsOptions } from './models.ts';
export { openPrices, type Priced, type PriceOf } from './prices.ts';
export { saveModel } from './save.ts';
