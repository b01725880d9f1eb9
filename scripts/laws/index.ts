export { iterate } from './iterate.ts';
export { rephrase } from './rephrase.ts';
export { decompose } from './decompose.ts';
