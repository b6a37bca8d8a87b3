/** The default address of `sam local start-api`. */
export const samEndpoint = 'http://127.0.0.1:3000';

/** The ports of `npm run engines`, which the functions of the template for SAM use. */
export const enginePorts = { dynamodb: 8000, kms: 8001 } as const;
