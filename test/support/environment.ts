// Runs before a test file is loaded, so that the functions which the file imports find the variables of the stack.
import { beforeEach, inject } from 'vitest';
import { forgetHandlersLog, printHandlersLog } from './handlers-log.ts';

Object.assign(process.env, inject('stack').environment);

beforeEach(({ onTestFailed }) => {
  forgetHandlersLog();
  onTestFailed(printHandlersLog);
});
