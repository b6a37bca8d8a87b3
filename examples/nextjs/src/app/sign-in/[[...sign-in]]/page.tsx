import { SignIn } from '@clerk/nextjs';

interface Props {
  readonly searchParams: Promise<Readonly<Record<string, unknown>>>;
}

export default async function SignInPage({ searchParams }: Props) {
  const hasTicket = '__clerk_ticket' in (await searchParams);
  return (
    <>
      <SignIn />
      {!hasTicket && <p>The only way to sign in here is the link of an actor token.</p>}
    </>
  );
}
