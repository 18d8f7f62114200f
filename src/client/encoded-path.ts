/** `a b/c` as a part of an address: each name encoded, the slashes as they are. */
export function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
