export { calculator } from './calculator.ts';
export { pal } from './pal.ts';
export { programOfThoughts } from './program-of-thoughts.ts';
export { react } from './react.ts';
export { toolbox, type RunnableTool, type Toolbox, type ToolRun } from './toolbox.ts';
