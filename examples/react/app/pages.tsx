import { RedirectToSignIn, SignIn, UserButton, useAuth, useSession, useUser } from '@clerk/react';
import type { ReactNode } from 'react';

/** Says who acts as the user. Only a session that began with an actor token has an actor. */
function ActorNotice() {
  const { actor } = useAuth();
  const { user } = useUser();
  if (!actor) return null;
  return (
    <p role="note">
      {actor.sub} acts as {user?.fullName ?? user?.id}.
    </p>
  );
}

/** Shows its children to people who are signed in, and leads everybody else to the sign-in page. */
function Protected({ children }: { readonly children: ReactNode }) {
  const { isLoaded, isSignedIn } = useAuth();
  if (!isLoaded) return <p>Loading …</p>;
  return isSignedIn ? children : <RedirectToSignIn />;
}

function Home() {
  const { isLoaded, isSignedIn } = useAuth();
  return (
    <>
      <h1>Home</h1>
      {isLoaded && !isSignedIn && <p>Nobody is signed in.</p>}
      <a href="/account">Account</a>
    </>
  );
}

function Account() {
  const { user } = useUser();
  const { session } = useSession();
  const { actor } = useAuth();
  return (
    <>
      <h1>Account of {user?.fullName}</h1>
      <label>
        E-mail address <input disabled={Boolean(actor)} defaultValue={user?.primaryEmailAddress?.emailAddress ?? ''} />
      </label>
      {actor && <p>Only {user?.fullName} can change it.</p>}
      <button type="button" onClick={() => user?.reload()}>
        Reload user
      </button>
      <button type="button" onClick={() => session?.reload()}>
        Reload session
      </button>
    </>
  );
}

const pages: Readonly<Record<string, ReactNode>> = {
  '/': <Home />,
  '/sign-in': <SignIn routing="hash" />,
  '/account': (
    <Protected>
      <Account />
    </Protected>
  ),
};

/** A page of the app, with who is signed in above it. */
export function Page({ path }: { readonly path: string }) {
  return (
    <main>
      <UserButton />
      <ActorNotice />
      {pages[path] ?? <h1>Not found</h1>}
    </main>
  );
}
