// Is loaded first in each process that a test starts with it in NODE_OPTIONS. Records every host that the process connects to.
import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';

const { RECORDED_HOSTS: file = '' } = process.env;
const record = (host: string) => appendFileSync(file, `${host}\n`);
const { connect } = Socket.prototype;

// TLS connections are made by it too.
Socket.prototype.connect = function (this: Socket, ...args: never[]) {
  this.on('lookup', (_error, _address, _family, host) => record(host));
  this.on('connectionAttempt', record);
  return Reflect.apply(connect, this, args);
};
