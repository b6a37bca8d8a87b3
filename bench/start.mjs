// Starts a Lambda as the runtime client of AWS does, which takes node:http by createRequire and imports the handler, and prints what the
// start took. It is plain JavaScript, because stripping types would be a part of the start.
import { createRequire } from 'node:module';

createRequire(import.meta.url)('node:http');
// Counted before the time is read, because `performance` loads modules of its own.
const before = new Set(process.moduleLoadList);
const { handler } = await import(process.argv[2]);
const builtins = process.moduleLoadList.filter((name) => !before.has(name));
const ready = performance.now();
const { user, system } = process.cpuUsage();
const { rss } = process.memoryUsage();
process.stdout.write(
  JSON.stringify({ isHandler: typeof handler === 'function', builtins, ready, cpu: (user + system) / 1000, rss }),
);
