/** Work on many machines: what workers share on PostgreSQL. */
export { ClusterError, NoWorkersYet, openDatabase, type Database, type DatabaseOptions } from './database.ts';
export { sharedBudget, type SharedBudget, type SharedBudgetOptions } from './limits/budget.ts';
export { sharedPlaces, type Place, type SharedPlaces, type SharedPlacesOptions } from './limits/places.ts';
export { sharedRate, type SharedRate, type SharedRateOptions } from './limits/rate.ts';
export { coordinate, RunCancelled, type CoordinatorOptions, type UnitResult, type UnitSource } from './coordinator.ts';
export { openQueue, type Claim, type Queue } from './queue.ts';
export {
  budgetOf,
  changeSharedRun,
  forgetResults,
  forgetRun,
  progressOf,
  setSharedState,
  sharedRuns,
  type SharedChange,
  type SharedRun,
  type SharedRunProgress,
  type SharedRunState,
} from './runs.ts';
export { work, type Accepted, type UnitWork, type WorkerEvent, type WorkerOptions } from './worker.ts';
