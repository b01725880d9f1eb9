#!/usr/bin/env node
/** The command `plusx`. */
import { enableCompileCache } from 'node:module';

// Before anything else is loaded: from the second start on, nothing is compiled again.
enableCompileCache();
const { main } = await import('./process.ts');
await main(process.argv.slice(2));
