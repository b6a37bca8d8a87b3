// Redeems the ticket in this page's address, then shows the app.
const { Clerk } = window;
const status = document.querySelector('[role=status]');
const ticket = new URLSearchParams(location.search).get('__clerk_ticket');
// Out of the address bar, the history and any referrer; it is of no use a second time anyway.
history.replaceState(null, '', location.pathname);

try {
  if (!ticket) throw new Error('There is no ticket in the address: open the link of an actor token.');
  await Clerk.load({ telemetry: false });
  const signIn = await Clerk.client.signIn.create({ strategy: 'ticket', ticket });
  await Clerk.setActive({ session: signIn.createdSessionId });
  location.replace('/');
} catch (error) {
  status.textContent = error.errors?.[0]?.longMessage ?? error.message;
}
