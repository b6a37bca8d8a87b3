// Files that are sent to browsers as they are, imported as text: `with { type: 'text' }`.

declare module '*.css' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: an import of text has no other.
  export default text;
}

declare module '*.browser.js' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: an import of text has no other.
  export default text;
}
