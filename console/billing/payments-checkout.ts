/** Opens a payment: Stripe's page takes over, or the bank details are shown. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Payment, cloud } from '../cloud.ts';
import { PAYMENTS_KEY } from './payments-queries.ts';

type Wish = Parameters<typeof cloud.payments.checkout>[0];

export function useCheckout(onAnnounced: (payment: Payment) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => cloud.payments.checkout(wish),
    meta: { isSilent: true },
    onSuccess: async (made) => {
      if (made.url !== null) return window.location.assign(made.url);
      onAnnounced(made);
      return queries.invalidateQueries({ queryKey: PAYMENTS_KEY });
    },
  });
}
