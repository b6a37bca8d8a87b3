// Runs before a test file is loaded: the functions it imports find the variables that the stack would give them.
import { beforeEach, inject } from 'vitest';
import { forgetHandlersLog, printHandlersLog } from './handlers-log.ts';

Object.assign(process.env, inject('stack').environment);

beforeEach(({ onTestFailed }) => {
  forgetHandlersLog();
  onTestFailed(printHandlersLog);
});
