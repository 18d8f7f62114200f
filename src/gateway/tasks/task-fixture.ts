/** Control's side of tasks for tests of a gateway: none at all, or the real module behind plain calls. */
import type { Tasks } from '#tasks/tasks.ts';
import type { TaskControl } from './task-control.ts';

/** For a gateway of which no test asks a task. */
export function createIdleTaskControl(): TaskControl {
  const none = (): Promise<never> => Promise.reject(new Error('no tasks in this test'));
  return {
    create: none,
    find: none,
    list: none,
    cancel: none,
    take: async () => [],
    renew: async () => [],
    end: none,
    stop: async () => {},
  };
}

export function createTaskControlOf(tasks: Tasks, gatewayId = 'gtw_test'): TaskControl {
  return {
    create: (task) => tasks.create(task),
    find: (tenantId, id) => tasks.find({ tenantId, id }),
    list: (tenantId, { fromMs, toMs, ...listing }) =>
      tasks.list({ tenantId, from: new Date(fromMs), to: new Date(toMs), ...listing }),
    cancel: (tenantId, id) => tasks.cancel({ tenantId, id }),
    take: (limit) => tasks.take({ gatewayId, limit }),
    renew: (ids) => tasks.renew({ gatewayId, ids }),
    end: async (id, end) => {
      await tasks.end({ gatewayId, id }, end);
    },
    stop: async () => {},
  };
}
