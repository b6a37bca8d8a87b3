// Answers of this Lambda that belong to no noun of this product. Source of the members: Clerk's public OpenAPI document.
import * as v from 'valibot';
import { resource, wholeNumber } from '../../shared/base/answer-schema.ts';

export const testingTokenAnswer = resource('testing_token', {
  token: v.pipe(
    v.literal('opens_nothing'),
    v.description('The same for everybody. Nothing here needs it or reads it.'),
  ),
  expires_at: v.pipe(wholeNumber, v.description('Seconds since 1970.')),
});
