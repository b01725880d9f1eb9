#!/usr/bin/env node
/** The command `plusx`. */
import * as nodeModule from 'node:module';
import { engineProblem } from '../core/host/engine.ts';

const problem = engineProblem(process.versions.node);
if (problem !== undefined) {
  console.error(`plusx: ${problem}`);
  process.exit(1);
}
// Before anything else is loaded: from the second start on, nothing is compiled again.
nodeModule.enableCompileCache();
const { main } = await import('./process.ts');
await main(process.argv.slice(2));
