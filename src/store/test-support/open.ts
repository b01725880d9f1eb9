/** Opens a store, puts one entry, and prints the error if there is one. */
import { openStore } from '../store.ts';
import { entry } from './entry.ts';

try {
  process.emitWarning('another warning', 'ExperimentalWarning');
  const store = openStore(process.argv[2] as string);
  await store.journal.put('k', entry('x'));
  await store.close();
} catch (error) {
  console.log(String(error));
}
