#!/usr/bin/env node
/** The command `plusx`. */
import * as nodeModule from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `plusx: Node 22.18 or newer is needed, and this is ${process.versions.node}. Install it from nodejs.org.`,
  );
  process.exit(1);
}
// Before anything else is loaded: from the second start on, nothing is compiled again.
nodeModule.enableCompileCache();
const { main } = await import('./process.ts');
await main(process.argv.slice(2));
