export interface BrowserAnswer {
  readonly status: number;
  /** What a browser would send from now on. */
  readonly cookie: string;
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any operation; the tests state what is in it.
  readonly json: any;
}

/** One request of a browser that has no cookies but these. */
export async function browserPost(
  url: string,
  form: Readonly<Record<string, string>> = {},
  cookie = '',
): Promise<BrowserAnswer> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...(cookie !== '' && { cookie }) };
  const answer = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form).toString() });
  const cookies = answer.headers.getSetCookie().map((line) => line.split(';')[0]);
  return { status: answer.status, cookie: cookies.join('; '), json: await answer.json() };
}

/** What a new browser is told when it redeems the ticket of an actor token. */
export function redeem(baseUrl: string, ticket: string | null | undefined): Promise<BrowserAnswer> {
  return browserPost(`${baseUrl}/v1/client/sign_ins`, { strategy: 'ticket', ticket: ticket ?? '' });
}
