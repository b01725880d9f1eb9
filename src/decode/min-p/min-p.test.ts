import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './min-p.law.ts';

testLaw(law);
