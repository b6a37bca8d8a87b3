// Runs before a test file is loaded: the functions it imports find the variables the stack would give them.
import { inject } from 'vitest';

Object.assign(process.env, inject('stack').environment);
