/**
 * Shifts this page's `Date`, as the local runner shifts that of the functions; timers stay as they are. clerk-js judges the age of
 * session tokens by the browser's clock, which would otherwise be another one than the API's.
 * @param {number} ms
 * @returns {(ms: number) => void} moves it on
 */
export function shiftDate(ms) {
  let shift = ms;
  const RealDate = Date;
  const realNow = Date.now;
  const now = () => realNow() + shift;
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
    apply: (target) => new target(now()).toString(),
  });
  RealDate.now = now;
  RealDate.prototype.constructor = ShiftedDate;
  window.Date = ShiftedDate;
  return (moved) => {
    shift = moved;
  };
}
