/**
 * How large a share of a limit a gateway gets. Pure. Shares of one limit never add up to more than it:
 * nothing is handed out that is not free. A gateway that holds something keeps it until it says that it
 * needs less, so what it did on it stays counted. Of what is free half is given, so that the next
 * gateway finds something too, and never less than what the waiting request needs, if it is there.
 */
export type ShareAsk = Readonly<{
  limit: bigint;
  /** Held by other gateways, and spent where the limit is a budget. */
  others: bigint;
  /** The asker's share until now; 0 when it has none. */
  mine: bigint;
  /** What it did on its share that still counts: this much it cannot give back. */
  used: bigint;
  /** The share it would like, in all. */
  want: bigint;
  /** The share with which the request that waits gets in; at least `used`. */
  least: bigint;
}>;

/** The asker's share from now on, in all. */
export function shareSize({ limit, others, mine, used, want, least }: ShareAsk): bigint {
  const room = largest(limit - others, 0n);
  // The limit was lowered beneath what is out: nobody gets more, and what is unused comes back.
  if (room < mine) return smallest(mine, largest(room, used));
  if (want <= mine) return smallest(mine, largest(want, used));
  if (least > room) return mine;
  const grown = mine + (room - mine) / 2n;
  return smallest(room, largest(least, smallest(grown, want)));
}

function largest(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function smallest(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
