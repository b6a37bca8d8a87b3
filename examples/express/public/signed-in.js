// Keeps the session token fresh while the page is open, and leaves the page when the session ends.
const { Clerk } = window;

// By default the banner reloads the page, which would send a form again.
document.addEventListener('impersonation-ended', (event) => {
  event.preventDefault();
  location.replace('/');
});

await Clerk.load({ telemetry: false });
// Fetches a token at once, so that a form can be sent at once. By itself clerk-js does this a second after the page has loaded.
await Clerk.session?.getToken();
Clerk.addListener(({ session }) => {
  if (!session) location.replace('/');
});
