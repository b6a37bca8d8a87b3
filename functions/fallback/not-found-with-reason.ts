// The requests of Clerk's clients that no operation here answers are refused with a sentence that says why, and what to do instead.
import { lazily } from '../../shared/base/lazily.ts';
import { absences } from '../defined-when-built.ts';
import { notFound } from './not-found.ts';

const reasons = lazily(() =>
  absences().map(([path, sentence]) => ({ path: new RegExp(`^/(?:v1/)?(?:${path})(?:/|$)`), sentence })),
);

export const NotFoundWithReason = notFound((path) => reasons().find((each) => each.path.test(path))?.sentence);
