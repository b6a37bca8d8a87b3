// Only a sign-in creates a client, so this operation answers as GetClient does.
import { frontendApi } from '../../shared/http/frontend-api.ts';
import { answerClient } from './get-client.ts';

export const CreateClient = frontendApi('CreateClient', answerClient);
