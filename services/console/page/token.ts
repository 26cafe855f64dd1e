/**
 * The operator's token comes in the fragment of the address, which no server and no log ever sees. It is kept for this
 * tab only, and taken out of the address, so that it does not end up on a projector.
 */
const key = 'lockstep.token';

export function takeToken(): string | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null) {
    sessionStorage.setItem(key, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(key) ?? undefined;
}
