import { type Instance, instanceFrom } from '../shared/base/instance.ts';

/**
 * The instance of this function, from its environment variables. They are read when the function starts, so a function with a missing
 * or wrong variable does not start.
 */
export const ownInstance: Instance = instanceFrom(process.env);
