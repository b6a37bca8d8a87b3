const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function withoutCarriageReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}

/**
 * Splits a file into lines, without their ends and without a byte order mark at the beginning. The lines are bytes, so that a line
 * that is not UTF-8 can be refused, and memory is bounded: a line longer than `maxBytes` is cut, and is still longer than that.
 * `node:readline` would decode the lines and keep one of any length.
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  // Room for a byte order mark, a carriage return and one byte that shows that the line is too long.
  const keptBytes = BYTE_ORDER_MARK.length + maxBytes + 2;
  let line: Buffer = Buffer.alloc(0);
  let isFirst = true;

  function append(part: Buffer): void {
    if (line.length < keptBytes) line = Buffer.concat([line, part.subarray(0, keptBytes - line.length)]);
  }

  function endLine(): Buffer {
    const hasMark = isFirst && line.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    const ended = withoutCarriageReturn(hasMark ? line.subarray(BYTE_ORDER_MARK.length) : line);
    line = Buffer.alloc(0);
    isFirst = false;
    return ended;
  }

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      append(chunk.subarray(start, end));
      yield endLine();
      start = end + 1;
    }
    append(chunk.subarray(start));
  }
  if (line.length > 0) yield endLine();
}
