import { SignIn } from '@clerk/nextjs';
import { auth } from '@clerk/nextjs/server';
import { redirect } from 'next/navigation';

interface Props {
  readonly searchParams: Promise<Readonly<Record<string, unknown>>>;
}

export default async function SignInPage({ searchParams }: Props) {
  if ('__clerk_ticket' in (await searchParams)) return <SignIn />;
  const { userId } = await auth();
  if (userId) redirect('/account');
  // Without a ticket, Clerk's component shows an empty card.
  return (
    <>
      <h1>Sign in</h1>
      <p>The only way to sign in here is the link of an actor token.</p>
    </>
  );
}
