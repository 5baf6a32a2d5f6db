/** Runs in the browser: shows the page again whenever the server says that it has changed. */
export function reloadOnChange(): void {
  const source = new EventSource("/changes");
  source.onmessage = () => location.reload();
}
