// Weakened variants of the product. Each sends other requests than the product.
import type { Weakening } from './world.ts';

/** The members of a request's body, and of a write in it, at which a weakening looks. */
interface Body {
  readonly TableName?: string;
  readonly ConditionExpression?: string;
  readonly ConsistentRead?: boolean;
  readonly RequestItems?: Readonly<Record<string, object>>;
  readonly TransactItems?: readonly Readonly<Record<string, Body>>[];
  readonly ClientRequestToken?: string;
  readonly ExpressionAttributeValues?: Readonly<Record<string, object>>;
}

/** Holds for every item. A condition that is put aside keeps its placeholders, because the service refuses those that are not used. */
const ALWAYS = 'attribute_not_exists(nothing)';

/** Reads one table without consistency. */
export function late(operation: string, table: string): Weakening {
  return (sent, body: Body) => {
    if (sent !== operation) return body;
    if (body.TableName === table) return { ...body, ConsistentRead: false };
    const tables = Object.entries(body.RequestItems ?? {}).map(([name, keys]) => [
      name,
      name === table ? { ...keys, ConsistentRead: false } : keys,
    ]);
    return { ...body, RequestItems: Object.fromEntries(tables) };
  };
}

function withoutPart(part: RegExp, table: string, body: Body): Body {
  const { TableName, ConditionExpression } = body;
  if (TableName !== table || ConditionExpression === undefined) return body;
  return { ...body, ConditionExpression: ConditionExpression.replace(part, (all) => `(${ALWAYS} OR ${all})`) };
}

interface Write {
  /** `Put`, `Update`, `Delete` or `ConditionCheck` of a transaction, or an operation such as `UpdateItem`. */
  readonly write: string;
  readonly table: string;
  /** The part of the condition that is put aside; the whole by default. */
  readonly part?: RegExp;
}

/** Puts aside a condition, or a part of it. */
export function withoutCondition({ write, table, part = /.+/ }: Write): Weakening {
  return (sent, body: Body) => {
    if (sent === write) return withoutPart(part, table, body);
    if (sent !== 'TransactWriteItems' || !body.TransactItems) return body;
    const writes = body.TransactItems.map((each) =>
      Object.fromEntries(
        Object.entries(each).map(([kind, inner]) => [kind, kind === write ? withoutPart(part, table, inner) : inner]),
      ),
    );
    return { ...body, TransactItems: writes };
  };
}

/** Sends transactions of which the service cannot tell that they are the same. */
export const withoutToken: Weakening = (_sent, { ClientRequestToken: _token, ...body }: Body) => body;

/** Writes another nonce than the one by which a redemption recognises itself. */
export const withoutNonce: Weakening = (_sent, body: Body) => {
  const changed = ({ ExpressionAttributeValues: values, ...write }: Body) =>
    values?.[':attempt']
      ? { ...write, ExpressionAttributeValues: { ...values, ':attempt': { S: 'another' } } }
      : { ...write, ...(values && { ExpressionAttributeValues: values }) };
  const writes = body.TransactItems?.map((each) =>
    Object.fromEntries(Object.entries(each).map(([kind, inner]) => [kind, changed(inner)])),
  );
  return writes ? { ...body, TransactItems: writes } : body;
};

/** Weakens in several ways. */
export function together(...weakenings: readonly Weakening[]): Weakening {
  return (sent, body) => weakenings.reduce((weaker, weaken) => weaken(sent, weaker), body);
}
