// clerk-js and its components are part of this bundle, so the page loads no script from elsewhere.
// docs: provider
import { Clerk } from '@clerk/clerk-js';
import { ClerkProvider } from '@clerk/react';
import { ui } from '@clerk/ui';
import { type ComponentProps, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Page } from './pages.tsx';

// end

// docs: provider
// The object is what the component takes. Only the types of the two packages differ.
const BundledClerk = Clerk as unknown as ComponentProps<typeof ClerkProvider>['Clerk'];

/** Without a ticket Clerk's sign-in component has nothing to offer, and no setting of the Frontend API lets it say why. */
const localization = {
  signIn: { start: { title: 'Sign in', subtitle: 'The only way to sign in here is the link of an actor token.' } },
};
// end

const root = document.querySelector<HTMLElement>('#root');
if (!root) throw new Error('The page has no element with the id root.');
const { publishableKey = '', frontendApiUrl = '' } = root.dataset;

// docs: provider
createRoot(root).render(
  <StrictMode>
    <ClerkProvider
      Clerk={BundledClerk}
      ui={ui}
      publishableKey={publishableKey}
      proxyUrl={frontendApiUrl}
      signInUrl="/sign-in"
      signInFallbackRedirectUrl="/account"
      afterSignOutUrl="/"
      localization={localization}
      telemetry={false}
    >
      <Page path={location.pathname} />
    </ClerkProvider>
  </StrictMode>,
);
// end
