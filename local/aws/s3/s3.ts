/**
 * The part of S3 that a log needs: objects that are written, read and asked for, each as one file. Source: Amazon S3 API reference,
 * PutObject with conditional writes, GetObject and HeadObject.
 */
import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { type LocalServer, listenLocally, type Send, serverOf } from '../server.ts';

/** An object by its place, in a URL of the form `/<bucket>/<key>`. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

const PLACE = /^\/(?<bucket>[A-Za-z0-9.-]+)\/(?<key>[A-Za-z0-9_./-]+)$/;

/** Returns the place that the URL of a request names; undefined for one that S3 has and this part of it has not. */
export function placeOf(url = ''): ObjectPlace | undefined {
  const { bucket, key } = PLACE.exec(new URL(url, 'http://s3').pathname)?.groups ?? {};
  if (!bucket || !key || key.split('/').some((part) => part === '' || part === '.' || part === '..')) return undefined;
  return { bucket, key };
}

/** Answers as S3 answers an error. */
export function answerS3Error(response: ServerResponse, status: number, code: string, message: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** S3 with an endpoint of its own. */
export interface LocalS3 extends LocalServer {
  /** Answers a request. Without `mayList`, an object that does not exist is forbidden, as in AWS. */
  readonly send: (mayList: boolean) => Send;
}

/** Serves the objects of a directory over the S3 wire protocol. */
export async function startS3(directory: string): Promise<LocalS3> {
  const pathOf = ({ bucket, key }: ObjectPlace) => join(directory, bucket, key);

  /** Writes a file as a whole. Resolves to `false` when it exists and must not. */
  async function write(path: string, body: Buffer, mustBeNew: boolean): Promise<boolean> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const temporary = `${path}.${randomUUID()}`;
    await writeFile(temporary, body, { mode: 0o600 });
    if (!mustBeNew) {
      await rename(temporary, path);
      return true;
    }
    try {
      await link(temporary, path);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async function read(path: string) {
    try {
      const [body, { mtime }] = [await readFile(path), await stat(path)];
      return { body, modified: mtime.toUTCString() };
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  const etagOf = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`;

  const send =
    (mayList: boolean): Send =>
    async (request, body, response) => {
      const place = placeOf(request.url);
      if (!place) return answerS3Error(response, 501, 'NotImplemented', 'This local S3 has objects only.');
      const path = pathOf(place);
      if (request.method === 'PUT') {
        const isStored = await write(path, body, request.headers['if-none-match'] === '*');
        if (isStored) return void response.writeHead(200, { etag: etagOf(body) }).end();
        return answerS3Error(response, 412, 'PreconditionFailed', 'At least one of the pre-conditions did not hold');
      }
      const object = await read(path);
      if (!object && !mayList) return answerS3Error(response, 403, 'AccessDenied', 'Access Denied');
      if (!object) return answerS3Error(response, 404, 'NoSuchKey', 'The specified key does not exist.');
      const headers = {
        'content-length': object.body.length,
        'last-modified': object.modified,
        etag: etagOf(object.body),
      };
      response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : object.body);
    };

  return { ...(await listenLocally(serverOf(send(true)), 0)), send };
}
