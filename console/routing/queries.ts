/** Routes of the tenant, and the operator's that hold for everybody. */
import { cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';

export const routesQuery = listQuery({
  queryKey: ['routes'],
  read: (page, call) => cloud.routes.list(page, call),
});
