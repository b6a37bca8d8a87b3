/** HTML that needs no escaping. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function htmlOf(value: Html | string): string {
  return value instanceof Html
    ? value.text
    : value.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Returns HTML. A value that is not HTML itself is escaped. */
export function html(strings: TemplateStringsArray, ...values: readonly (Html | string)[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(htmlOf)));
}
