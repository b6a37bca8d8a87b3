// A page of an app on an origin of its own, with the strictest policy, that contains only the banner's script of the product.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const LINES = Array.from({ length: 40 }, (_, line) => `<p>Order ${line + 1}: shipped.</p>`).join('');

function page(frontendApiUrl: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>App</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <script src="${frontendApiUrl}/v1/impersonation-banner.js" async></script>
    <body><header><h1>Orders</h1></header><main>${LINES}</main></body></html>`;
}

/** Serves the app. `frontendApiUrl` is a function, because the stack starts after the app and needs the app's origin. */
export async function serveAppPage(frontendApiUrl: () => string) {
  const server = createServer((_, response) => {
    const api = frontendApiUrl();
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', `default-src 'none'; script-src ${api}; connect-src ${api}`);
    response.end(page(api));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://127.0.0.1:${port}`, stop };
}
