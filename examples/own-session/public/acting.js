// Runs on each page while a person acts as a user.
(() => {
  const script = document.currentScript ?? document.querySelector('script[src*="acting.js"]');
  const { frontendApiUrl, sessionId } = script.dataset;

  // The banner says who acts as whom.
  const banner = document.createElement('script');
  banner.src = `${frontendApiUrl}/v1/impersonation-banner.js`;
  script.after(banner);

  // The page is opened by a person who is active. Without this the session ends ten minutes after the sign-in.
  void fetch(`${frontendApiUrl}/v1/client/sessions/${sessionId}/touch`, { method: 'POST', credentials: 'include' });

  // The banner says that the person has pressed Stop, or that the session has ended by itself.
  document.addEventListener('impersonation-ended', async (event) => {
    event.preventDefault();
    const path = event.detail.reason === 'stopped' ? '/impersonate/stop' : '/impersonate/check';
    await fetch(path, { method: 'POST', redirect: 'manual' });
    location.replace('/');
  });
})();
