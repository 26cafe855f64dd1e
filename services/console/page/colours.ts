/**
 * The style sheet's colours, for canvases, which cannot read them. Looked up once, and again when the scheme changes.
 */
const known = new Map<string, string>();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => known.clear());

export function colour(name: string): string {
  const found = known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  known.set(name, found);
  return found;
}
