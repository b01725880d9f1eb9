/** For the tests of techniques and of programs that use models: laws, exact distributions, models written down. */
export * from '../models/written/index.ts';
export * from './laws/chi-square.ts';
export * from './laws/exact.ts';
export * from './laws/laws.ts';
export type { ServedAnswer } from './servers/answers.ts';
export * from './servers/openai-server.ts';
export type { RecordedRequest } from './servers/replies.ts';
export * from './laws/probe.ts';
