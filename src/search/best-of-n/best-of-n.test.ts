import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './best-of-n.law.ts';

testLaw(law);
