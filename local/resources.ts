/** Starts something that takes resources one by one. When it rejects, those that it has taken are disposed. */
export async function withResources<Started>(
  start: (resources: AsyncDisposableStack) => Promise<Started>,
): Promise<Started> {
  const resources = new AsyncDisposableStack();
  try {
    return await start(resources);
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}
