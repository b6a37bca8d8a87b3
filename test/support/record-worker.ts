// Runs first of all in each process that runs tests.
import { recordAnswers, recordChildren } from './recording.ts';

recordAnswers();
recordChildren();
