/** Property tests look at the same cases every time; `PLUSX_SEED=…` has them look at others. */
import { configureGlobal } from 'fast-check';

// oxlint-disable-next-line no-restricted-properties -- the one place where a test run is told its seed
const { PLUSX_SEED } = process.env;
configureGlobal({ seed: PLUSX_SEED === undefined ? 1 : Number(PLUSX_SEED) });
