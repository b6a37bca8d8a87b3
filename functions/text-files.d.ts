// Files that are imported as text (`with { type: 'text' }`) and sent to browsers.

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
