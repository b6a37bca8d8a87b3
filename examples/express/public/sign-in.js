// Redeems the ticket in the address of this page, then shows the app.
const { Clerk } = window;
const status = document.querySelector('[role=status]');
const ticket = new URLSearchParams(location.search).get('__clerk_ticket');
// A ticket must not stay in the address bar, the history or a referrer.
history.replaceState(null, '', location.pathname);

try {
  if (!ticket) throw new Error('The address contains no ticket: open the link of an actor token.');
  await Clerk.load({ telemetry: false });
  const signIn = await Clerk.client.signIn.create({ strategy: 'ticket', ticket });
  await Clerk.setActive({ session: signIn.createdSessionId });
  location.replace('/');
} catch (error) {
  status.textContent = error.errors?.[0]?.longMessage ?? error.message;
}
