// POST /v1/client/sessions/{session_id}/end
import { signOutOf } from './sign-out-of.ts';

export const endSession = signOutOf('EndSession', { status: 'ended', cause: 'end' });
