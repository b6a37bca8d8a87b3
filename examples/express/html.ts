/** Text that is safe to put into a page as it is. */
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

/** A piece of a page: what is put into it is escaped unless it is such a piece itself. */
export function html(strings: TemplateStringsArray, ...values: readonly (Html | string)[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(htmlOf)));
}
