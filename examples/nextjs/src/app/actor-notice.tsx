'use client';
import { useAuth, useUser } from '@clerk/nextjs';

/** Says who acts as the user. Only a session that began with an actor token has an actor. */
export function ActorNotice() {
  const { actor } = useAuth();
  const { user } = useUser();
  if (!actor) return null;
  return (
    <p role="note">
      {actor.sub} acts as {user?.fullName ?? user?.id}.
    </p>
  );
}
