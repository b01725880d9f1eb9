/** Property tests look at the same cases every time; `PLUSX_SEED=…` has them look at others. */
import { configureGlobal } from 'fast-check';

const { PLUSX_SEED } = process.env;
configureGlobal({ seed: PLUSX_SEED === undefined ? 1 : Number(PLUSX_SEED) });
