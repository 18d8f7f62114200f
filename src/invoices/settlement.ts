/**
 * What is still owed on each invoice. Pure. The ledger says what a tenant owes in all; it is owed on the
 * newest invoices, because money pays the oldest first. A payment that named its invoice pays that before
 * any other, as far as what is owed in all allows.
 */
export type Owing = Readonly<{
  /** Total less credit notes; not negative. */
  payablePico: bigint;
  /** What payments said was for it. */
  namedPico: bigint;
}>;

/** `invoices` oldest first. Answers what is owed on each, in their order; the sum is `owedPico` or less. */
export function distribute(invoices: readonly Owing[], owedPico: bigint): readonly bigint[] {
  const allPico = invoices.reduce((total, { payablePico }) => total + payablePico, 0n);
  let paidPico = owedPico < allPico ? allPico - larger(owedPico, 0n) : 0n;
  const open = invoices.map(({ payablePico }) => payablePico);
  const pay = (index: number, upToPico: bigint): void => {
    const left = open[index] ?? 0n;
    const amount = smaller(smaller(upToPico, left), paidPico);
    open[index] = left - amount;
    paidPico -= amount;
  };
  for (const [index, { namedPico }] of invoices.entries()) pay(index, larger(namedPico, 0n));
  for (const [index] of invoices.entries()) pay(index, open[index] ?? 0n);
  return open;
}

/**
 * What a tenant owes for closed periods. `balancePico` holds all usage; that of the open period is not due
 * yet, so it is added back. What an invoice could not take from a balance is a receivable of its own.
 */
export function owedPico(
  state: Readonly<{ balancePico: bigint; unbilledPico: bigint; receivablePico: bigint }>,
): bigint {
  const atClose = state.balancePico + state.unbilledPico;
  return (atClose < 0n ? -atClose : 0n) + state.receivablePico;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
