export { calculator } from './calculator/calculator.ts';
export { pal } from './pal/pal.ts';
export { programOfThoughts } from './program-of-thoughts/program-of-thoughts.ts';
export { react } from './react/react.ts';
export { toolbox, type RunnableTool, type Toolbox, type ToolRun } from './shared/toolbox.ts';
