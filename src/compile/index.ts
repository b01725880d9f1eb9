/** Finds the composition that pays on a task: spaces of compositions, and the search in them. */
export { compile, planOf, type Compiled } from './compile.ts';
export type { Demonstration } from './demos.ts';
export { checkProgram, type Program, type Provenance, type Scores } from './file/format.ts';
export { load, readProgramFile, type LoadOptions } from './file/load.ts';
export { programOf, saveProgram } from './file/save.ts';
export type { CompileEvent, CompileOptions, CompileProgress } from './options.ts';
export type { CostPerQuestion, Effect, FrontRow, Measured, Report, Stage, Versus } from './report.ts';
export { hashOf } from './search/data.ts';
export type { Plan } from './search/plan.ts';
export { autoSpace } from './space/auto.ts';
export { anyOf, both, choose, demos, maybe, prompt, space, spaceOn, type Choosing, type Given } from './space/marks.ts';
export { parseSpace } from './space/parse.ts';
export type { Choices, FilledPart, Filling, Found, Part, Picked } from './space/part.ts';
export type { Composed, Space } from './space/space.ts';
