// The published document as JSON. Computed when the bundles are built (cdk/bundle/bundle.ts): they hold the text and nothing of how it
// is made.
import { document } from './openapi/document.ts';

export const openapiDocument: string = JSON.stringify(document);
