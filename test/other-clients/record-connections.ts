// Is loaded first in each process that a test starts with it in NODE_OPTIONS. Records every host that the process connects to.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import type { Socket } from 'node:net';

const { RECORDED_HOSTS: file = '' } = process.env;

subscribe('net.client.socket', (message) => {
  const { socket } = message as { readonly socket: Socket };
  socket.on('lookup', (_error, _address, _family, host) => appendFileSync(file, `${host}\n`));
  socket.on('connectionAttempt', (address) => appendFileSync(file, `${address}\n`));
});
