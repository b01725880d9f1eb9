export { reRead } from './re-read.ts';
