// Keeps the session token fresh while the page is open, and leaves the page once the session has ended.
const { Clerk } = window;

/** A reload, which is what the banner does by itself, would send a form again. */
document.addEventListener('impersonation-ended', (event) => {
  event.preventDefault();
  location.replace('/');
});

await Clerk.load({ telemetry: false });
// At once, so that a form can be sent at once: by itself clerk-js asks for the token of a loaded page a second later.
await Clerk.session?.getToken();
Clerk.addListener(({ session }) => {
  if (!session) location.replace('/');
});
