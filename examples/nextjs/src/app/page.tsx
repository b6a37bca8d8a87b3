import { auth } from '@clerk/nextjs/server';

export default async function Home() {
  const { userId, actor } = await auth();
  return (
    <>
      <h1>Home</h1>
      <p>{userId ? `Signed in as ${userId}${actor ? `, by ${actor.sub}` : ''}.` : 'Nobody is signed in.'}</p>
    </>
  );
}
