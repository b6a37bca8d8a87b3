// Plain JavaScript that old versions of Node can parse: Node 20 cannot load start.ts, which therefore could not explain the error.
const NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  console.error(
    `Node ${NEEDED} is needed, this is ${process.version}: install it from https://nodejs.org (or run "nvm install ${NEEDED}"), then "npm ci && npm start".`,
  );
  process.exitCode = 1;
} else {
  void import('./start.ts');
}
