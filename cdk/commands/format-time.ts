import type { EpochMs } from '../../shared/base/time.ts';

/** Formats an instant in UTC: `2026-05-03T09:12:40.000Z`. */
export function formatTime(at: EpochMs): string {
  return new Date(at).toISOString();
}
