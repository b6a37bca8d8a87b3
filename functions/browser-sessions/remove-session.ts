// POST /v1/client/sessions/{session_id}/remove
import { signOutOf } from './sign-out-of.ts';

export const removeSession = signOutOf('RemoveSession', { status: 'removed', cause: 'remove' });
