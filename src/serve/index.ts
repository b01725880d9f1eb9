/** Composed models as an endpoint that speaks OpenAI's protocol. */
export { keptSockets } from './pass/agent.ts';
export { LIMITS, type Mount, type OfferedModel, type ServeOptions } from './config.ts';
export { LOG_LEVELS, type LogLevel, type ServeLimits } from '../config/serve.ts';
export { Refusal, type ErrorBody } from './failure.ts';
export { handler, type Handler } from './handler.ts';
export { ownHost } from './keys/own-host.ts';
export { keysIn, type KeysOptions } from './keys/stored.ts';
export type { Permissions } from './keys/permissions.ts';
export type { Account, Admission, Caller, Keys, Need } from './keys/keys.ts';
export { mcpReady, overStdio, type StdioOptions } from './mcp/mcp.ts';
export { listen, type Listening, type ListenOptions } from './listen.ts';
export { jsonLogs, type Logs, type LogsOptions } from './observe/logs.ts';
export { prometheus, type Metrics, type MetricsOptions } from './observe/prometheus.ts';
export type { Served } from './observe/served.ts';
