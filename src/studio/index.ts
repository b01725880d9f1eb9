/** The studio: pages on which a person looks at models, runs, traces and memory. Served by the process that serves the models. */
export { studio, type Studio, type StudioOptions } from './studio.ts';
