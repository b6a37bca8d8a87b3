// There is nothing to update, so this operation answers as GetEnvironment does.
import { frontendApi } from '../../shared/http/frontend-api.ts';
import { environmentJson } from './get-environment.ts';

export const UpdateEnvironment = frontendApi('UpdateEnvironment', async ({ instance }) => ({
  body: environmentJson(instance),
}));
