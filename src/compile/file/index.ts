/** Compiled models, loaded: this much of `plusx/compile` runs in a browser too. */
export { checkProgram, type Program, type Provenance, type Scores } from './format.ts';
export { load, readProgramFile, type LoadOptions } from './load.ts';
