/** What runs do, told to OpenTelemetry. */
export {
  openTelemetry,
  OpenTelemetryMissing,
  type Incoming,
  type IncomingTelemetry,
  type OpenTelemetry,
  type OpenTelemetryOptions,
} from './open-telemetry.ts';
export type { Attributes } from './attributes.ts';
