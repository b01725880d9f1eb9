/** Where programs written by a model run. */
export { openSandbox, type OpenSandbox, type SandboxOptions } from './sandbox.ts';
export type { SandboxLimits } from './limits.ts';
