// Only a sign-in creates a client, so the answer is that of GetClient.
import { frontendApi } from '../../shared/http/frontend-api.ts';
import { answerClient } from './get-client.ts';

export const CreateClient = frontendApi('CreateClient', (request) => answerClient(request, false));
