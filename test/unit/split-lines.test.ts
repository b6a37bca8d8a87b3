import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLines } from '../../cdk/commands/users/split-lines.ts';

const MAX_BYTES = 10;

async function linesOf(chunks: readonly Buffer[]): Promise<readonly string[]> {
  async function* source() {
    yield* chunks;
  }
  const read: string[] = [];
  for await (const line of splitLines(source(), MAX_BYTES)) read.push(line.toString('latin1'));
  return read;
}

function chunksOf(text: string, sizes: readonly number[]): readonly Buffer[] {
  const chunks: Buffer[] = [];
  let rest = Buffer.from(text, 'latin1');
  for (const size of sizes) {
    chunks.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  return [...chunks, rest];
}

test('a file has the same lines however it is cut into chunks', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: MAX_BYTES });
  const file = fc.array(fc.record({ line, end: fc.constantFrom('\n', '\r\n') }));
  await fc.assert(
    fc.asyncProperty(file, fc.array(fc.nat(7)), async (parts, sizes) => {
      const text = parts.map(({ line: content, end }) => content + end).join('');

      expect(await linesOf(chunksOf(text, sizes))).toEqual(parts.map(({ line: content }) => content));
    }),
  );
});

test.each([
  ['without a final line feed', 'one\ntwo', ['one', 'two']],
  ['with a final line feed', 'one\ntwo\n', ['one', 'two']],
  ['that is empty', '', []],
  ['with a byte order mark', '\xef\xbb\xbfone\r\n\xef\xbb\xbftwo', ['one', '\xef\xbb\xbftwo']],
  ['with the longest line', `\xef\xbb\xbf${'x'.repeat(MAX_BYTES)}\r\n`, ['x'.repeat(MAX_BYTES)]],
])('a file %s is split into its lines', async (_, text, expected) => {
  expect(await linesOf([Buffer.from(text, 'latin1')])).toEqual(expected);
});

test('a line that is too long is cut, and is still too long', async () => {
  const chunks = Array.from({ length: 1000 }, () => Buffer.from('x'.repeat(100)));

  const [long = '', next] = await linesOf([...chunks, Buffer.from('\nnext')]);

  expect(long.length).toBeGreaterThan(MAX_BYTES);
  expect(long.length).toBeLessThan(MAX_BYTES + 10);
  expect(next).toBe('next');
});
