/** Finds the composition that pays on a task: spaces of compositions, and the search in them. */
export type { Demonstration } from './demos.ts';
export { anyOf, both, choose, demos, maybe, prompt, space, spaceOn, type Choosing, type Given } from './space/marks.ts';
export { parseSpace } from './space/parse.ts';
export type { Choices, FilledPart, Filling, Found, Part, Picked } from './space/part.ts';
export type { Composed, Space } from './space/space.ts';
