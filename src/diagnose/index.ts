/** What can help a model on a task, and what cannot. */
export { diagnose, planDiagnosis, type DiagnoseOptions, type Diagnosis, type DiagnosisPlan } from './diagnose.ts';
export type { Can, Finding, Suggestion, Topic } from './findings.ts';
export { diagnosisReport } from './report.ts';
