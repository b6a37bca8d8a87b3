// Evaluates filter patterns of CloudWatch Logs for JSON lines, as far as this project uses them: =, !=, IS TRUE, IS FALSE, NOT EXISTS,
// &&, ||, parentheses, indexes, and * at the ends of a text.
// Source: CloudWatch Logs user guide, "Filter pattern syntax for metric filters".

type Matches = (line: unknown) => boolean;

const TOKEN = /\s*(&&|\|\||[(){}]|!=|=|"(?:[^"\\]|\\.)*"|\$[\w.[\]]+|IS TRUE|IS FALSE|NOT EXISTS)/y;

function tokensOf(pattern: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (pattern.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const [, token] = TOKEN.exec(pattern) ?? [];
    if (token === undefined) throw new Error(`The filter pattern has no token at ${at}: ${pattern.slice(at, at + 20)}`);
    tokens.push(token);
  }
  return tokens;
}

function memberOf(line: unknown, selector: string): unknown {
  const names = selector
    .slice(2)
    .split(/[.[\]]+/)
    .filter((name) => name !== '');
  return names.reduce((value, name) => Object(value)[name], line);
}

function isLike(value: unknown, text: string): boolean {
  const escaped = text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return (
    (typeof value === 'string' || typeof value === 'number') && new RegExp(`^${escaped.join('.*')}$`).test(`${value}`)
  );
}

/** Returns what decides whether a line of JSON matches a filter pattern. `&&` binds more tightly than `||`. */
export function filterPattern(pattern: string): Matches {
  const tokens = tokensOf(pattern);
  const next = (...expected: readonly string[]): string => {
    const token = tokens.shift() ?? 'the end';
    if (expected.length > 0 && !expected.includes(token))
      throw new Error(`The filter pattern has ${token} in place of ${expected.join(' or ')}: ${pattern}`);
    return token;
  };

  function comparison(): Matches {
    if (tokens[0] === '(') {
      next('(');
      const inner = disjunction();
      next(')');
      return inner;
    }
    const selector = next();
    if (!selector.startsWith('$.'))
      throw new Error(`The filter pattern has ${selector} in place of a selector: ${pattern}`);
    switch (next('=', '!=', 'IS TRUE', 'IS FALSE', 'NOT EXISTS')) {
      case 'IS TRUE':
        return (line) => memberOf(line, selector) === true;
      case 'IS FALSE':
        return (line) => memberOf(line, selector) === false;
      case 'NOT EXISTS':
        return (line) => memberOf(line, selector) === undefined;
      case '=': {
        const text: string = JSON.parse(next());
        return (line) => isLike(memberOf(line, selector), text);
      }
      default: {
        const text: string = JSON.parse(next());
        // A comparison with a member that the line does not have is false, whatever the comparison.
        return (line) => memberOf(line, selector) !== undefined && !isLike(memberOf(line, selector), text);
      }
    }
  }

  function conjunction(): Matches {
    const parts = [comparison()];
    while (tokens[0] === '&&') {
      next('&&');
      parts.push(comparison());
    }
    return (line) => parts.every((part) => part(line));
  }

  function disjunction(): Matches {
    const parts = [conjunction()];
    while (tokens[0] === '||') {
      next('||');
      parts.push(conjunction());
    }
    return (line) => parts.some((part) => part(line));
  }

  next('{');
  const matches = disjunction();
  next('}');
  if (tokens.length > 0) throw new Error(`The filter pattern goes on after its end: ${pattern}`);
  return matches;
}
