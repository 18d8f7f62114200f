/** What each process is given when it starts, and what it says when it is ready. Crosses the pipe as JSON. */
import type { Settings } from '#platform/config.ts';

export type Role = 'database' | 'control' | 'node' | 'gateway';

export const ROLES: readonly Role[] = ['database', 'control', 'node', 'gateway'];

export type ProcessOptions = Readonly<{
  settings: Settings;
  /** Control and nobody else has it. */
  databaseUrl: string | null;
  /** Where gateways and nodes find control. */
  controlUrl: string | null;
  joinToken: string;
  sessionSecret: string;
  /** Where people reach the cloud. */
  publicUrl: string;
  /** Of the process's own server; port 0 lets the system choose. */
  host: string;
  port: number;
  /** Folder of the models that come along; null imports none. */
  modelsFolder: string | null;
}>;

export type ProcessFacts = Readonly<{
  /** Of the server or the database, for whoever comes next. */
  url: string;
  port: number;
  /** Control, while first-run.json is there. */
  signIn?: SignIn | null;
}>;

export type SignIn = Readonly<{
  /** Whether this start made the operator. */
  isFirst: boolean;
  email: string;
  password: string;
  apiKey: string;
}>;

/** Of `package.json`; a test holds them equal. */
export const VERSION = '0.1.0';
