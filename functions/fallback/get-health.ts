// GET /v1/health
import { publicApi } from '../../shared/http/public-api.ts';

export const getHealth = publicApi('GetHealth', async () => ({ body: { status: 'healthy' } }));
