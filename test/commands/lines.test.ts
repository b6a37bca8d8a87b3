import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lines } from '../../cdk/commands/lines.ts';

const MAX_BYTES = 10;

async function linesOf(chunks: readonly Buffer[]): Promise<readonly string[]> {
  async function* source() {
    yield* chunks;
  }
  const read: string[] = [];
  for await (const line of lines(source(), MAX_BYTES)) read.push(line.toString('latin1'));
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

test('lines are the same however the file is cut into chunks', async () => {
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
  ['a missing final line feed', 'one\ntwo', ['one', 'two']],
  ['a final line feed', 'one\ntwo\n', ['one', 'two']],
  ['an empty file', '', []],
  ['a byte order mark', '\xef\xbb\xbfone\r\n\xef\xbb\xbftwo', ['one', '\xef\xbb\xbftwo']],
  ['the longest line', `\xef\xbb\xbf${'x'.repeat(MAX_BYTES)}\r\n`, ['x'.repeat(MAX_BYTES)]],
])('%s', async (_, text, expected) => {
  expect(await linesOf([Buffer.from(text, 'latin1')])).toEqual(expected);
});

test('of a line that is too long only enough is kept to tell so', async () => {
  const chunks = Array.from({ length: 1000 }, () => Buffer.from('x'.repeat(100)));

  const [long = '', next] = await linesOf([...chunks, Buffer.from('\nnext')]);

  expect(long.length).toBeGreaterThan(MAX_BYTES);
  expect(long.length).toBeLessThan(MAX_BYTES + 10);
  expect(next).toBe('next');
});
