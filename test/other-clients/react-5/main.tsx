// The pages of the React example on the previous major of Clerk's components, which load clerk-js from the app's own origin.
// docs: react-5
import { ClerkProvider } from '@clerk/clerk-react';
// end
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Page } from '../../../examples/react/app/pages.tsx';

const root = document.querySelector<HTMLElement>('#root');
if (!root) throw new Error('The page has no element with the id root.');
const { publishableKey = '', frontendApiUrl = '' } = root.dataset;

const localization = {
  signIn: { start: { title: 'Sign in', subtitle: 'The only way to sign in here is the link of an actor token.' } },
};

function App() {
  // docs: react-5
  return (
    <ClerkProvider
      clerkJSUrl="/clerk-js/clerk.browser.js"
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
  );
  // end
}

createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
