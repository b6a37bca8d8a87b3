// Plain JavaScript, because the pages of a browser load it too; its types are in shifted-date.d.ts.

/**
 * Shifts `Date` of this thread or page: `Date.now()`, `new Date()` and `Date()` are shifted, everything else is as the real
 * `Date`. Timers are not shifted.
 *
 * @param {() => number} offset returns the current offset from the real time in milliseconds
 */
export function shiftDate(offset) {
  const RealDate = Date;
  const realNow = Date.now;
  const now = () => realNow() + offset();
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
    apply: (target) => new target(now()).toString(),
  });
  RealDate.now = now;
  RealDate.prototype.constructor = ShiftedDate;
  globalThis.Date = ShiftedDate;
}
