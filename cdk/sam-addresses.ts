/** Where `sam local start-api` listens unless told. */
export const samEndpoint = 'http://127.0.0.1:3000';

/** Where the template for SAM has its functions find what `npm run engines` starts. */
export const enginePorts = { dynamodb: 8000, kms: 8001 } as const;
