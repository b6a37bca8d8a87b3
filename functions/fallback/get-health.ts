import type * as v from 'valibot';
import { publicApi } from '../../shared/http/public-api.ts';
import type { healthAnswer } from './answers.ts';

export const GetHealth = publicApi('GetHealth', async () => ({
  body: { status: 'healthy' } satisfies v.InferOutput<typeof healthAnswer>,
}));
