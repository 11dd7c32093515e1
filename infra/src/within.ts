// A limit for a call of a client that has none of its own. Called by the adapters; what was called may go on behind the caller's back.

/** @throws what `late` makes, when the call has no outcome after `limitMs` */
export async function within<Result>(call: Promise<Result>, limitMs: number, late: () => Error): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), limitMs);
  });
  try {
    return await Promise.race([call, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
