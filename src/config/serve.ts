/** The part of a configuration that the server reads. */
import { fields, integer, text, type Read } from './read.ts';

/** `plusx serve`. The models that it offers are those of `models`; their keys are those of `providers`. */
export interface ServeConfig {
  /** Where it listens. Default 127.0.0.1. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** Each field of `ServeConfig` with its reader: a field without one does not compile. */
export const readServe: Read<ServeConfig> = fields<ServeConfig>({
  host: text({ most: 255 }),
  port: integer({ min: 0, max: 65_535 }),
});
