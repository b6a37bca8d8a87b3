// docs: page
import { auth } from '@clerk/nextjs/server';
import { ActorNotice } from './actor-notice';

export default async function Home() {
  const { userId, actor } = await auth();
  return (
    <>
      <ActorNotice />
      <h1>Home</h1>
      <p>{userId ? `Signed in as ${userId}${actor ? `, by ${actor.sub}` : ''}.` : 'Nobody is signed in.'}</p>
    </>
  );
}
// end
