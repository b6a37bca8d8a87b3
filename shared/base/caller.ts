/** Who sent a request, as far as the record of who acted as whom needs it. */
export interface Caller {
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
}
