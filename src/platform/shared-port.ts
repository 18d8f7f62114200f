/**
 * Children that listen on one port together. They are forked through `node:cluster` with its own
 * distribution turned off: we bind, each child accepts from the same queue of the kernel, and the queue
 * outlives any of them, so that one may come or go while connections arrive. `reusePort` gives every
 * child a queue of its own, and what is in it is reset when its child closes it; see
 * docs/decisions/0010-several-gateways.md for the figures.
 */
import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';

export type ForkOptions = Readonly<{
  entry: string;
  arguments: readonly string[];
  nodeArguments: readonly string[];
}>;

/** Its port is free for the next child as long as one of them listens. */
export function forkSharingPort(options: ForkOptions): ChildProcess {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({
    exec: options.entry,
    args: [...options.arguments],
    execArgv: [...options.nodeArguments],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return cluster.fork().process;
}

/**
 * In such a child, before anything else. Without it the child ends at once when its parent is gone, with
 * streams in the middle; a plain child gets a grace (see `runChild`), and so should this one.
 */
export function outliveParent(): void {
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
}
