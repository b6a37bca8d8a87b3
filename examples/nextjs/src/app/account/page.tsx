import { auth, currentUser } from '@clerk/nextjs/server';
import { ActorNotice } from '../actor-notice';
import { ReloadButtons } from './reload-buttons';

/** Leads to the sign-in page unless somebody is signed in. */
export default async function Account() {
  const { userId, actor } = await auth.protect();
  const user = await currentUser();
  return (
    <>
      <ActorNotice />
      <h1>Account of {user?.fullName}</h1>
      <dl>
        <dt>User</dt>
        <dd id="user">{userId}</dd>
        <dt>Actor</dt>
        <dd id="actor">{actor?.sub ?? 'nobody'}</dd>
      </dl>
      <label>
        E-mail address <input disabled={Boolean(actor)} defaultValue={user?.primaryEmailAddress?.emailAddress ?? ''} />
      </label>
      {actor && <p>Only {user?.fullName} can change it.</p>}
      <ReloadButtons />
    </>
  );
}
