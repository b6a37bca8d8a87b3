// The scripts that browsers load from the app's own origin, by the variables NEXT_PUBLIC_CLERK_JS_URL and NEXT_PUBLIC_CLERK_UI_URL.
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

for (const name of ['clerk-js', 'ui']) {
  const from = join(import.meta.dirname, 'node_modules/@clerk', name, 'dist');
  const to = join(import.meta.dirname, 'public/clerk', name);
  await mkdir(to, { recursive: true });
  const scripts = (await readdir(from)).filter((file) => file.endsWith('.js'));
  await Promise.all(scripts.map((file) => cp(join(from, file), join(to, file))));
}
