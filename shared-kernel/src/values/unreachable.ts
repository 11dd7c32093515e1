// The end of every switch over a union: a case that nobody wrote is a compile error, and at run time an assertion.

export function unreachable(value: never): never {
  throw new Error(`unreachable case: ${JSON.stringify(value)}`);
}

/** An impossibility, not a refusal: the program is wrong when this throws. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
