/** Starts what takes resources one by one; when it rejects, those it had taken are let go. */
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
