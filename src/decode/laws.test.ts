import { decode } from '../../scripts/laws/decode.ts';
import { testLaws } from '../testing/laws/test-support/law-set.ts';

testLaws(decode);
