import { tools } from '../../scripts/laws/tools.ts';
import { testLaws } from '../testing/laws/test-support/law-set.ts';

testLaws(tools);
