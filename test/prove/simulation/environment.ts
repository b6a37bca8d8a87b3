// Imported before the functions, which read their variables when they are loaded.
import { someEnvironment } from '../../support/an-instance.ts';

Object.assign(process.env, someEnvironment);
