'use client';
import { useSession, useUser } from '@clerk/nextjs';

export function ReloadButtons() {
  const { user } = useUser();
  const { session } = useSession();
  return (
    <p>
      <button type="button" onClick={() => user?.reload()}>
        Reload user
      </button>{' '}
      <button type="button" onClick={() => session?.reload()}>
        Reload session
      </button>
    </p>
  );
}
