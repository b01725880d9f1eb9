/**
 * After a build: tsc keeps no file mode, so the command line's entry becomes executable; and npm links a package's own
 * commands into every node_modules but its own, so `npx plusx` gets its link here.
 */
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
chmodSync(entry, 0o755);

const commands = fileURLToPath(new URL('../node_modules/.bin', import.meta.url));
if (existsSync(commands) && process.platform !== 'win32') {
  rmSync(`${commands}/plusx`, { force: true });
  symlinkSync('../../dist/cli/main.js', `${commands}/plusx`);
}
