import { auth, currentUser } from '@clerk/nextjs/server';

/**
 * Says who acts as the user. Only a session that began with an actor token has an actor.
 *
 * Each page has it, not the layout: Next keeps the layout while pages change, and meanwhile another tab can sign in as somebody else.
 */
export async function ActorNotice() {
  const { actor } = await auth();
  if (!actor) return null;
  const user = await currentUser();
  return (
    <p role="note">
      {actor.sub} acts as {user?.fullName ?? user?.id}.
    </p>
  );
}
