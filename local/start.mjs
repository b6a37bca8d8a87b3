// Plain JavaScript that old Nodes can parse: Node 20 cannot load a .ts file, so it would die before start.ts could explain.
const needed = 24;

if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(
    `Node ${needed} is needed, this is ${process.version}: install it from https://nodejs.org (or run "nvm install ${needed}"), then "npm ci && npm start".`,
  );
  process.exitCode = 1;
} else {
  void import('./start.ts');
}
