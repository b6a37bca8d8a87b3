// Is loaded first in each process that runs tests.
import { recordAnswers, recordChildren } from './recording.ts';

recordAnswers();
recordChildren();
