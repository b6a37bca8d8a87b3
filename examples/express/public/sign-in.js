// Redeems the ticket in the address of this page at the press of the button, then shows the app. Any page of the web can open this one
// with a ticket, so opening it must change nothing.
const { Clerk } = window;
const status = document.querySelector('[role=status]');
const button = document.querySelector('button');
const { searchParams } = new URL(location.href);
const ticket = searchParams.get('__clerk_ticket');
/** The page to which the link leads. */
const landing = URL.parse(searchParams.get('redirect_url') ?? '', location.origin);
// A ticket must not stay in the address bar, the history or a referrer.
history.replaceState(null, '', location.pathname);

async function redeem() {
  await Clerk.load({ telemetry: false });
  const signIn = await Clerk.client.signIn.create({ strategy: 'ticket', ticket });
  await Clerk.setActive({ session: signIn.createdSessionId });
  // Any page of the web can open this one, so a page of another site is not followed.
  location.replace(landing?.origin === location.origin ? landing.href : '/');
}

button.addEventListener('click', async () => {
  button.disabled = true;
  status.textContent = 'Signing in …';
  try {
    await redeem();
  } catch (error) {
    status.textContent = error.errors?.[0]?.longMessage ?? error.message;
    button.disabled = false;
  }
});

if (ticket) button.hidden = false;
else status.textContent = 'The address contains no ticket: open the link of an actor token.';
