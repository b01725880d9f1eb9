/** Whoever imports any part of plusx into an engine that is too old is told so, before anything fails for it. */
import { engineProblem } from './engine.ts';

const problem = engineProblem(globalThis.process?.versions?.node);
if (problem !== undefined) throw new Error(`plusx: ${problem}`);
