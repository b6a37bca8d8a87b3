/** The attributes of a DynamoDB item as JavaScript values. */
export type Item = Readonly<Record<string, unknown>>;
