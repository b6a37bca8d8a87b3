// The pages of the React example on Clerk's components for Vue, which load clerk-js and its components from the app's own origin.
// docs: vue
import { clerkPlugin, RedirectToSignIn, SignIn, UserButton, useAuth, useSession, useUser } from '@clerk/vue';
// end
import { createApp, h, type VNode } from 'vue';

const root = document.querySelector<HTMLElement>('#root');
if (!root) throw new Error('The page has no element with the id root.');
const { publishableKey = '', frontendApiUrl = '' } = root.dataset;

const localization = {
  signIn: { start: { title: 'Sign in', subtitle: 'The only way to sign in here is the link of an actor token.' } },
};

/** Says who acts as the user. Only a session that began with an actor token has an actor. */
const ActorNotice = {
  setup() {
    const { actor } = useAuth();
    const { user } = useUser();
    return () => actor.value && h('p', { role: 'note' }, `${actor.value.sub} acts as ${user.value?.fullName}.`);
  },
};

const Home = {
  setup() {
    const { isLoaded, isSignedIn } = useAuth();
    return () => [h('h1', 'Home'), isLoaded.value && !isSignedIn.value && h('p', 'Nobody is signed in.')];
  },
};

const Account = {
  setup() {
    const { isLoaded, isSignedIn, actor } = useAuth();
    const { user } = useUser();
    const { session } = useSession();
    return (): VNode | VNode[] => {
      if (!isLoaded.value) return h('p', 'Loading …');
      if (!isSignedIn.value) return h(RedirectToSignIn);
      const value = user.value?.primaryEmailAddress?.emailAddress;
      return [
        h('h1', `Account of ${user.value?.fullName}`),
        h('input', { 'aria-label': 'E-mail address', disabled: Boolean(actor.value), value }),
        h('button', { onClick: () => user.value?.reload() }, 'Reload user'),
        h('button', { onClick: () => session.value?.reload() }, 'Reload session'),
      ];
    };
  },
};

const pages: Readonly<Record<string, () => VNode>> = {
  '/': () => h(Home),
  '/sign-in': () => h(SignIn, { routing: 'hash' }),
  '/account': () => h(Account),
};

const app = createApp({
  render: () => h('main', [h(UserButton), h(ActorNotice), pages[location.pathname]?.() ?? h('h1', 'Not found')]),
});

// docs: vue
app.use(clerkPlugin, {
  __internal_clerkJSUrl: '/clerk-js/clerk.browser.js',
  __internal_clerkUIUrl: '/ui/ui.browser.js',
  publishableKey,
  proxyUrl: frontendApiUrl,
  signInUrl: '/sign-in',
  signInFallbackRedirectUrl: '/account',
  afterSignOutUrl: '/',
  localization,
  telemetry: false,
});
// end
app.mount(root);
