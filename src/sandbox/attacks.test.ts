import { holdsOutIn } from './test-support/under-attack.ts';

await holdsOutIn('javascript');
await holdsOutIn('bubblewrap');
