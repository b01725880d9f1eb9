import { trees } from '../../scripts/laws/trees.ts';
import { testLaws } from '../testing/laws/test-support/law-set.ts';

testLaws(trees);
