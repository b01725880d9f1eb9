/** Models of AI SDK packages that the user has installed. */
export {
  installedModel,
  PACKAGE_NAME,
  PackageMissing,
  PackageNeeded,
  splitInstalled,
  variablesOfPackage,
  VENDORS,
  type InstalledModelOptions,
} from './installed.ts';
