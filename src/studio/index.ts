/** The studio: pages on which a person looks at models, runs, traces and memory. Served by the process that serves the models. */
export type { RunsOfWorkers, StudioOptions } from './options.ts';
export { studio, type Studio } from './studio.ts';
