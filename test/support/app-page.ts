// A page of an app on an origin of its own, with the strictest policy, that contains only the banner's script of the product.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const LINES = Array.from({ length: 40 }, (_, line) => `<p>Order ${line + 1}: shipped.</p>`).join('');

/** `name` is that of an element that a user of the app wrote, before the script; any other parameter is an attribute of the script. */
function page(frontendApiUrl: string, params: URLSearchParams): string {
  const written = params
    .getAll('name')
    .map((name) => `<img name="${name}" alt="">`)
    .join('');
  const attributes = [...params].filter(([name]) => name !== 'name').map(([name, value]) => ` data-${name}="${value}"`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>App</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    ${written}<script src="${frontendApiUrl}/v1/impersonation-banner.js" async${attributes.join('')}></script>
    <body><header><h1>Orders</h1></header><main>${LINES}</main></body></html>`;
}

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">
  <rect width="32" height="32" rx="8" fill="#1b4fd1"/><path d="M9 22 16 9l7 13z" fill="#fff"/></svg>`;

/** Serves the app; `?name=body` adds an image of that name, `?position=bottom` the attribute `data-position` of the script. `frontendApiUrl` is a function, because the stack starts after the app and needs the app's origin. */
export async function serveAppPage(frontendApiUrl: () => string) {
  const server = createServer(({ url = '/' }, response) => {
    if (url === '/logo.svg') {
      response.setHeader('content-type', 'image/svg+xml').end(LOGO);
      return;
    }
    const api = frontendApiUrl();
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', `default-src 'none'; script-src ${api}; connect-src ${api}`);
    response.end(page(api, new URL(url, 'http://app').searchParams));
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
