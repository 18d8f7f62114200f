/**
 * Sign-in of people, by better-auth: passwords, sessions and their cookies. This file is all that
 * knows the library. It maps the library's tables to ours, opens only the few of its endpoints that
 * we offer, and turns its refusals into our one error shape. Accounts are made by tenancy, never by
 * the public.
 */
import type { Context } from 'hono';
import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { hashPassword } from 'better-auth/crypto';
import type pg from 'pg';
import { z } from 'zod';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import { fail } from './errors.ts';
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from './password.ts';
import type { CloudEnv } from './principal.ts';
import { isSameOrigin } from './same-origin.ts';
import { type Attempt, createSignInAttempts } from './sign-in-attempts.ts';
import { signInError } from './sign-in-error.ts';
import { deleteOldSessions } from './store.ts';

export type SignInOptions = Readonly<{
  database: Database;
  pool: pg.Pool;
  clock: Clock;
  log: Log;
  publicUrl: string;
  sessionSecret: string;
}>;

export type SignIn = Readonly<{
  /** The person behind the session cookie, or null. */
  userIdOf: (headers: Headers) => Promise<string | null>;
  /** Answers `/cloud/auth/*`. */
  handle: (context: Context<CloudEnv>) => Promise<Response>;
}>;

export { hashPassword };

export const SIGN_IN_PATH = '/cloud/auth';

/** A work week without signing in again, and a lost laptop does not stay signed in for ever. */
const SESSION_SECONDS = 14 * 24 * 3600;

/** Of one person at a time; the next sign-in ends the oldest. */
const SESSIONS_MAX = 50;

/** Requests of one address to one endpoint; wrong passwords have a narrower limit of their own. */
const RATE_WINDOW_SECONDS = 60;
const RATE_MAX = 120;

/** What we offer of the library's endpoints; the rest does not exist. */
const ENDPOINTS: readonly string[] = [
  'sign-in/email',
  'sign-out',
  'get-session',
  'update-user',
  'change-password',
  'list-sessions',
  'revoke-session',
  'revoke-other-sessions',
];

const credentialsSchema = z.object({ email: z.string().max(254), password: z.string().max(1000) });

export function createSignIn(options: SignInOptions): SignIn {
  const auth = createAuth(options);
  const attempts = createSignInAttempts(options.clock);

  const userIdOf = async (headers: Headers): Promise<string | null> => {
    const found = await auth.api.getSession({ headers, query: { disableRefresh: true } });
    return found?.user.id ?? null;
  };

  const handle = async (context: Context<CloudEnv>): Promise<Response> => {
    const endpoint = context.req.path.slice(SIGN_IN_PATH.length + 1);
    if (!ENDPOINTS.includes(endpoint)) return context.notFound();
    const request = context.req.raw;
    const isForged = request.headers.has('cookie') && !isSameOrigin(request, options.publicUrl);
    if (isForged) throw fail('auth.cross_site', 'This request came from another web page.');
    const response =
      endpoint === 'sign-in/email' ? await signIn(request) : await auth.handler(request);
    if (response.ok) return response;
    throw await signInError(response);
  };

  /** Counts wrong passwords around the library's own answer. */
  async function signIn(request: Request): Promise<Response> {
    const body = credentialsSchema.safeParse(
      await request
        .clone()
        .json()
        .catch(() => null),
    );
    if (!body.success) {
      throw fail('request.invalid', 'Send { email, password } as JSON.');
    }
    const who: Attempt = {
      email: body.data.email.trim().toLowerCase(),
      address: request.headers.get('x-forwarded-for') ?? 'unknown',
    };
    const blockedForMs = attempts.blockedForMs(who);
    if (blockedForMs !== null) {
      throw fail('auth.too_many_attempts', 'Too many wrong passwords. Wait and try again.', {
        retryAfterMs: blockedForMs,
      });
    }
    const response = await auth.handler(request);
    if (response.status === 401) attempts.failed(who);
    else if (response.ok) attempts.succeeded(who);
    return response;
  }

  return { userIdOf, handle };
}

function createAuth({ database, pool, log, publicUrl, sessionSecret }: SignInOptions) {
  return betterAuth({
    appName: 'Flywheel',
    baseURL: publicUrl,
    basePath: SIGN_IN_PATH,
    secret: sessionSecret,
    database: pool,
    telemetry: { enabled: false },
    // Otherwise the library prints what failed, rows and all, to standard error.
    onAPIError: { throw: true },
    logger: {
      level: 'warn',
      // The library's further arguments may hold what a person typed.
      log: (level, message) =>
        (level === 'error' ? log.error : log.warn)('sign_in.library', { message }),
    },
    trustedOrigins: (request) =>
      request !== undefined && isSameOrigin(request, publicUrl)
        ? [request.headers.get('origin'), publicUrl]
        : [publicUrl],
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
    },
    rateLimit: {
      enabled: true,
      window: RATE_WINDOW_SECONDS,
      max: RATE_MAX,
      customRules: {
        '/sign-in/email': { window: RATE_WINDOW_SECONDS, max: RATE_MAX },
        // Whoever holds a session could guess the password behind it here.
        '/change-password': { window: RATE_WINDOW_SECONDS, max: 10 },
      },
    },
    advanced: {
      cookiePrefix: 'flywheel',
      useSecureCookies: publicUrl.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
      database: { generateId: () => createId('usr') },
      ipAddress: { ipAddressHeaders: ['x-forwarded-for'] },
    },
    databaseHooks: {
      session: {
        create: {
          after: ({ userId }) => deleteOldSessions(database, { userId, keep: SESSIONS_MAX }),
        },
      },
    },
    ...TABLES,
  });
}

/** The library's names on the left, the columns of migrations/000002_tenancy.sql on the right. */
const TABLES = {
  user: {
    modelName: 'auth_users',
    fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
    additionalFields: {
      locale: {
        type: ['en', 'zh-CN'],
        required: false,
        defaultValue: 'en',
        validator: { input: z.enum(['en', 'zh-CN']) },
      },
    },
  },
  session: {
    modelName: 'auth_sessions',
    expiresIn: SESSION_SECONDS,
    fields: {
      userId: 'user_id',
      expiresAt: 'expires_at',
      ipAddress: 'ip_address',
      userAgent: 'user_agent',
      createdAt: 'created_at',
      updatedAt: 'updated_at',
    },
  },
  account: {
    modelName: 'auth_accounts',
    fields: {
      userId: 'user_id',
      accountId: 'account_id',
      providerId: 'provider_id',
      accessToken: 'access_token',
      refreshToken: 'refresh_token',
      idToken: 'id_token',
      accessTokenExpiresAt: 'access_token_expires_at',
      refreshTokenExpiresAt: 'refresh_token_expires_at',
      createdAt: 'created_at',
      updatedAt: 'updated_at',
    },
  },
  verification: {
    modelName: 'auth_verifications',
    fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' },
  },
} satisfies Partial<BetterAuthOptions>;
