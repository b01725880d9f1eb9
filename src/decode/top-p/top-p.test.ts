import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './top-p.law.ts';

testLaw(law);
