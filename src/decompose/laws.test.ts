import { decompose } from '../../scripts/laws/index.ts';
import { testLaws } from '../testing/laws/test-support/law-set.ts';

testLaws(decompose);
