/** Which code runs each role. Loaded on demand: no process carries what it does not run. */
import type { Running } from '#platform/process.ts';
import type { ProcessFacts, ProcessOptions, Role } from './options.ts';

export type StartProcess = (
  options: ProcessOptions,
  note: (text: string) => void,
) => Promise<Running<ProcessFacts>>;

const LOADERS: Readonly<Record<Role, () => Promise<StartProcess>>> = {
  database: async () => (await import('./database.ts')).startDatabase,
  control: async () => (await import('./control.ts')).startControl,
  node: async () => (await import('./node.ts')).startNode,
  gateway: async () => (await import('./gateway.ts')).startGateway,
};

export function loadRole(role: Role): Promise<StartProcess> {
  return LOADERS[role]();
}
