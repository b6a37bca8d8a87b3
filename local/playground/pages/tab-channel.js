// The messages between the playground and the app's tab, which have one origin, whether the tab is a frame or a browser tab.

/**
 * @typedef {{ type: 'hello' }} Hello The playground requests the state of every tab.
 * @typedef {{ type: 'clock', offset_seconds: number }} ClockMoved
 * @typedef {{ type: 'request', method: string, path: string, status: number | string }} RequestMade
 * @typedef {{ type: 'state', session_id: string | null, jwt: string | null }} TabState
 * @typedef {Hello | ClockMoved | RequestMade | TabState} Message
 */

/**
 * @param {(message: Message) => void} onMessage
 * @returns {(message: Message) => void} sends a message to all others
 */
export function openTabChannel(onMessage) {
  const channel = new BroadcastChannel('actor-tokens-playground');
  channel.addEventListener('message', ({ data }) => onMessage(data));
  return (message) => channel.postMessage(message);
}
