/** Turns a refusal of the sign-in library, `{ code, message }`, into ours. Pure but for the body. */
import { z } from 'zod';
import { FlywheelError } from '#platform/error.ts';
import { fail } from './errors.ts';

const refusalSchema = z.object({ code: z.string().optional(), message: z.string().optional() });

export async function signInError(response: Response): Promise<FlywheelError> {
  const body = refusalSchema.safeParse(await response.json().catch(() => null));
  const code = body.data?.code ?? '';
  const message = body.data?.message ?? 'The request was refused.';
  if (code === 'INVALID_EMAIL_OR_PASSWORD' || code === 'INVALID_PASSWORD') {
    return fail('auth.credentials_wrong', 'The e-mail or the password is wrong.');
  }
  if (response.status === 429) {
    const seconds = Number(response.headers.get('x-retry-after') ?? '60');
    return fail('auth.too_many_attempts', 'Too many attempts. Wait and try again.', {
      retryAfterMs: seconds * 1000,
    });
  }
  if (response.status === 401) return fail('auth.missing', 'Sign in first.');
  return new FlywheelError(`auth.${code === '' ? 'refused' : code.toLowerCase()}`, message, {
    status: response.status,
  });
}
