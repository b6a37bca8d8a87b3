import { StartError } from './aws/start-error.ts';

const HIGHEST_PORT = 65_535;

/** Returns the port that the variable PORT names; 0 picks a free one. @throws StartError when it is not a port */
export function portFrom(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= HIGHEST_PORT) return port;
  throw new StartError(`PORT=${text} is not a port: use a number up to ${HIGHEST_PORT}.`);
}
