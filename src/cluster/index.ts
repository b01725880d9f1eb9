/** Work on many machines: what workers share on PostgreSQL. */
export { ClusterError, openDatabase, type Database, type DatabaseOptions } from './database.ts';
export { sharedBudget, type SharedBudget, type SharedBudgetOptions } from './limits/budget.ts';
export { sharedPlaces, type Place, type SharedPlaces, type SharedPlacesOptions } from './limits/places.ts';
export { sharedRate, type SharedRate, type SharedRateOptions } from './limits/rate.ts';
