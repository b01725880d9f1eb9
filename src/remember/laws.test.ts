import { remember } from '../../scripts/laws/remember.ts';
import { testLaws } from '../testing/laws/test-support/law-set.ts';

testLaws(remember);
