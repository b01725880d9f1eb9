import { holdsOutIn } from './test-support/under-attack.ts';

await holdsOutIn('deno', process.env['PLUSX_PYODIDE']);
